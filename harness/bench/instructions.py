"""What the library adds to a request, in instructions of user space, row by row.

Deterministic: the same library on the same machine gives the same figures.
"""

from concurrent.futures import ThreadPoolExecutor

from bench import callgrind
from bench.counted_rows import ROWS
from bench.table import printed
from bench.variants import BARE, FORWARD, NO_LIMIT, NOT_REACHED, WITH_STATUS

VARIANTS = [BARE, FORWARD, NO_LIMIT, NOT_REACHED, WITH_STATUS]
AT_ONCE = 2


def measure(library, rows=ROWS):
    """variant name → row name → profile"""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        profiles = pool.map(lambda variant: callgrind.counted(rows, variant, library), VARIANTS)
        return {variant.name: found for variant, found in zip(VARIANTS, profiles)}


def added(found):
    """row name → variant name → instructions more than bare"""
    bare = found[BARE.name]
    return {row: {name: exact(callgrind.total(profiles[row]) - callgrind.total(bare[row]))
                  for name, profiles in found.items() if name != BARE.name} for row in bare}


def exact(number):
    """Whole where it is whole: a fraction says that something did not happen with every request."""
    return round(number) if abs(number - round(number)) < 0.005 else round(number, 2)


def table(found, rows):
    lines = [["instructions per request or call", *found]]
    for row in rows:
        bare = exact(callgrind.total(found[BARE.name][row.name]))
        more = [f"{value:+}" for value in added(found)[row.name].values()]
        lines.append([f"{row.name}: {row.what}, per {row.per}", str(bare), *more])
    return printed(lines)


def where(found, row, variant=NOT_REACHED.name, most=40):
    """The functions that cost more, or less, than bare; the greatest change first."""
    ours, bare = found[variant][row], found[BARE.name][row]
    changed = {name: ours[name] - bare[name] for name in ours | bare}
    ranked = sorted(changed.items(), key=lambda pair: -abs(pair[1]))
    return printed([[f"{row}, {variant}: function", "added"]]
                   + [[name, f"{value:+.1f}"] for name, value in ranked[:most] if value])
