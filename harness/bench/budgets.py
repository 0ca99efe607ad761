"""The budgets: how much each figure that repeats may be. Reads, compares and writes the file.

Knows figures as {kind: {row: {column: number}}}. Refuses to know how they are measured.
"""

import json
import math
from pathlib import Path

FILE = Path(__file__).resolve().parent.parent / "budgets.json"
MARGIN = 0.03  # another compiler, another libc
# Where a process's few pages begin and end is drawn at its start; a question that the kernel
# answers while packets still move is asked again.
SLACK = {"bytes": 8192, "system calls at the ends": 6}
UPDATE = 'make instructions ARGS=--update'


def load(path=FILE):
    return json.loads(path.read_text())


def flat(figures):
    return {(kind, row, column): value for kind, rows in figures.items()
            for row, columns in rows.items() for column, value in columns.items()}


def exceeded(figures, budgets):
    """What is over its budget, or has none, a sentence each."""
    limits = flat(budgets)
    return [f"{' / '.join(name)}: {value}, over its budget of {limits.get(name, 'nothing')}"
            for name, value in flat(figures).items() if value > limits.get(name, -1)]


def report(figures, budgets):
    """Nothing, or all that is to be said about what is over its budget."""
    over = exceeded(figures, budgets)
    return "\n".join([*over, f"{UPDATE} accepts what was measured, plus {MARGIN:.0%}"]) if over else ""


def budgeted(figures):
    return {kind: {row: {column: with_margin(value, kind) for column, value in columns.items()}
                   for row, columns in rows.items()} for kind, rows in figures.items()}


def with_margin(value, kind=""):
    return math.ceil(max(value, 0) * (1 + MARGIN)) + SLACK.get(kind, 0)


def save(figures, path=FILE):
    path.write_text(json.dumps(budgeted(figures), indent=1) + "\n")
