"""Counts the instructions of the rows with valgrind's callgrind: user space only, repeats exactly.

The host calls `mark` behind each item, and callgrind writes what it counted whenever that begins.
"""

import re
from collections import Counter

from bench.driving import drive, warmed

OUT = "callgrind"
COMMAND = ["valgrind", "-q", "--tool=callgrind", "--trace-children=no", "--dump-before=mark",
           "--compress-strings=no", "--compress-pos=no", "--dump-line=no",
           f"--callgrind-out-file={OUT}"]


def counted(rows, variant, library):
    """For each row the instructions per unit, by function."""
    warming, *_ = all_rows = warmed(rows)
    behind = 1 + len(warming.items())  # the first dump is of the start
    return drive(all_rows, variant, library, COMMAND, lambda folder: read(folder, rows, behind))


def read(folder, rows, dump):
    found = {}
    for row in rows:
        dump += len(row.items())
        short, long = (parse(folder / f"{OUT}.{number}") for number in (dump - 1, dump))
        found[row.name] = difference(short, long, row.shared_by())
    return found


def difference(short, long, shared_by):
    rest = {name: (long[name] - short[name]) / shared_by for name in long | short}
    return Counter({name: value for name, value in rest.items() if value})


def parse(path):
    """Instructions of each function itself, as "object function", of one dump."""
    own, place, function, is_call = Counter(), "", "", False
    for line in path.read_text().splitlines():
        if line.startswith("ob="):
            place = line[3:].rpartition("/")[2]
        elif line.startswith("fn="):
            function = f"{place} {shortened(line[3:])}"
        elif line.startswith("calls="):
            is_call = True  # the next line is the callee's cost
        elif re.match(r"[\d+*-]", line):
            own[function] += 0 if is_call else int(line.split()[-1])
            is_call = False
    return own


def shortened(function):
    return function.partition("(")[0].removeprefix("lastcall::") or function


def total(profile):
    return sum(profile.values())
