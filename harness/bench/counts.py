"""All that is counted and repeats: instructions, system calls, bytes; what the library adds.

Figures are {kind: {row: {column: number}}}, for the report, the budgets and the goals.
`python3 -m bench.counts` prints them beside the goals; --update makes them the budgets.
"""

import argparse
import json
from pathlib import Path

from bench import budgets, frames, goals, instructions, memory, start, system_calls
from bench.counted_rows import ROWS, chosen
from bench.table import printed
from bench.variants import BARE, NOT_REACHED, WITH_STATUS

FOLLOWING = [NOT_REACHED, WITH_STATUS]


def calls(library):
    bare = system_calls.per_request(ROWS, BARE, library)
    found = {row: {} for row in bare}
    for variant in FOLLOWING:
        for row, ours in system_calls.per_request(ROWS, variant, library).items():
            more = sum(ours.values()) - sum(bare[row].values())
            found[row][variant.name] = instructions.exact(more)
    return found


def at_the_limit(library):
    """Of a connection whose last request is the last exchange, by place."""
    opening, first, *between, last = more_calls(system_calls.to_the_limit, library)
    return {goals.OPENING: opening, goals.FIRST: first, goals.BETWEEN: max(between),
            goals.LAST: last}


def at_the_farewell(library):
    """Of an HTTP/2 connection, whose client is told, and stays until it is finished."""
    opening, first, *between, told, look, last_look, left = more_calls(
        system_calls.to_the_farewell, library)
    finished = look + last_look
    return {goals.OPENING: opening, goals.FIRST: first, goals.BETWEEN: max(between),
            goals.TOLD: told, goals.FINISHED: finished, goals.GONE: told + finished,
            goals.LEFT: left}


def more_calls(places, library):
    """How many the library adds at each place of a connection that ends by its limit."""
    bare, ours = (map(len, places(variant, library)) for variant in (BARE, system_calls.AT_LIMIT))
    return [more - less for more, less in zip(ours, bare, strict=True)]


def others(library):
    taken = memory.taken(library)
    framed = memory.taken(library, frames.Visitor)
    return {goals.CALLS: calls(library),
            goals.ENDS: {goals.CONNECTION: at_the_limit(library),
                         goals.H2_CONNECTION: at_the_farewell(library)},
            goals.MEMORY: {goals.IDLE: {"own": taken.idle},
                           f"{taken.connections} connections": {"own": taken.used},
                           f"{framed.connections} HTTP/2 connections": {"own": framed.used},
                           goals.FILE: {"stripped": memory.stripped(library)}},
            goals.REPORTED: {goals.IDLE: {"own and shared bytes": taken.idle + taken.shared},
                             goals.OPEN: {"bytes": taken.per_connection()},
                             goals.H2_OPEN: {"bytes": framed.per_connection()},
                             goals.START: {"microseconds": start.added(library)}}}


def counted(library):
    """All that has a budget, and what is only reported."""
    found = instructions.measure(library)
    return {goals.INSTRUCTIONS: instructions.added(found)} | others(library)


def with_budgets(figures):
    """System calls of an ordinary request need no budget: they are none."""
    return {kind: figures[kind] for kind in (goals.INSTRUCTIONS, goals.ENDS, goals.MEMORY)}


# ---- The report --------------------------------------------------------------------------------


def lines_of(figures):
    """All but the instructions, which have a table of their own, and rows that add no call."""
    yield ["what lastcall adds", ""]
    for (kind, row, column), value in budgets.flat(figures).items():
        if kind not in (goals.INSTRUCTIONS, goals.RATIO) and (kind != goals.CALLS or value):
            yield [f"{kind}, {row}, {column}", str(value)]


def instruction_lines(figures):
    """Instructions again, where only what is added is known."""
    rows = figures[goals.INSTRUCTIONS]
    names = list(next(iter(rows.values())))
    return printed([[goals.INSTRUCTIONS, *names],
                    *([row, *map(str, columns.values())] for row, columns in rows.items())])


def options():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--library", type=Path, default="build/liblastcall.so")
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    parser.add_argument("--update", action="store_true",
                        help=f"make what is measured now, and {budgets.MARGIN:.0%}%, the budgets")
    parser.add_argument("--where", action="store_true",
                        help="also print which functions the instructions are in")
    parser.add_argument("rows", nargs="*", help="rows by name, and nothing else is counted")
    return parser.parse_args()


def main():
    given = options()
    rows, library = chosen(given.rows), given.library.resolve()
    found = instructions.measure(library, rows)
    figures = {goals.INSTRUCTIONS: instructions.added(found)}
    if not given.rows:
        figures |= others(library)
    if given.json:
        print(json.dumps(figures, indent=1))
    else:
        show(given, found, figures, rows, library)
    if given.update and not given.rows:
        budgets.save(with_budgets(figures))


def show(given, found, figures, rows, library):
    print(instructions.table(found, rows))
    for row in rows if given.where else ():
        print("\n" + instructions.where(found, row.name))
    if not given.rows:
        print("\n" + printed(list(lines_of(figures))))
        print("\n" + goals.table(figures, goals.COUNTED))


if __name__ == "__main__":
    main()
