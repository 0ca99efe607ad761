"""What a run of the rounds says: its table, its ratios for the goals, its bars, its record.

Knows the results and the columns. Refuses to know how they were measured.
"""

from dataclasses import asdict

from bench import chart, columns
from bench.columns import AGAINST, BARE
from bench.table import printed

FIGURES = ("throughput", "cpu", "p50")
HEADS = ["requests/s", "to bare", "CPU µs", "to bare", "p50 µs", "to bare"]


# ---- The table ---------------------------------------------------------------------------------


def table(results, plan):
    lines = [["", *HEADS]]
    for server, names in plan.items():
        lines.append([server] + [""] * len(HEADS))
        lines += [["  " + name, *cells(results, server, name)] for name in names]
    return printed(lines)


def cells(results, server, column):
    for name in FIGURES:
        yield number(results.figure(server, column, name))
        yield "" if column == BARE else spread(results.ratio(server, column, BARE, name))


def number(value):
    return "none" if value is None else f"{value.middle:.1f}" if value.middle < 100 else f"{value.middle:.0f}"


def spread(value):
    """A ratio; "!" says that disturbed slots are in it."""
    if value is None:
        return "none"
    return f"{value.middle:.2f} ({value.least:.2f}-{value.most:.2f}){'!' if value.disturbed else ' '}"


# ---- For the goals -------------------------------------------------------------------------------


def ratios(results, plan):
    """server → "column / base: figure" → the median"""
    return {server: dict(pairs(results, server, names)) for server, names in plan.items()}


def pairs(results, server, names):
    return ((name, round(value.middle, 3)) for name, value in compared(results, server, names))


def compared(results, server, names):
    for column, base in AGAINST.get(server, ()):
        for figure in FIGURES if column in names and base in names else ():
            value = results.ratio(server, column, base, figure)
            if value:
                yield f"{column} / {base}: {figure}", value


def disturbed(results, plan):
    """(server, "column / base: figure") of those that are marked, or would be."""
    return {(server, name) for server, names in plan.items()
            for name, value in compared(results, server, names) if value.disturbed}


# ---- The picture -------------------------------------------------------------------------------

DRAWN = {columns.NOT_REACHED: ("lastcall, not reached", chart.OURS),
         "N=1000": ("lastcall N=1000", chart.OURS),
         "native N=1000": ("its own limit of 1000", chart.NATIVE),
         "nginx in front": ("nginx in front", chart.PROXY),
         "HAProxy in front": ("HAProxy in front", chart.PROXY)}
NAMES = {"epoll": "bare epoll loop", "python": "http.server", "go": "Go, static",
         "nghttpd": "nghttpd, HTTP/2"}
TITLE = "Processor time per request, the bare server being 1"
NOTE = "Median of paired rounds, thin line: least to most. Solid: lastcall; outlined: own; hatched: proxy."


def picture(results, plan):
    groups = {NAMES.get(server, server): list(bars(results, server, names))
              for server, names in plan.items()}
    return chart.drawn(TITLE, NOTE, {server: found for server, found in groups.items() if found})


def bars(results, server, names):
    for name in names:
        value = results.ratio(server, name, BARE, "cpu") if name in DRAWN else None
        if value:
            yield chart.Bar(*DRAWN[name], value.middle, value.least, value.most)


# ---- The record --------------------------------------------------------------------------------


def record(results, plan):
    return {"rounds": [[{"server": server, "column": column, **(slot.facts() if slot else {})}
                        for (server, column), slot in one.items()] for one in results.rounds],
            "repeated": results.repeated,
            "summary": {server: {name: summary(results, server, name) for name in names}
                        for server, names in plan.items()}}


def summary(results, server, column):
    found = {figure: results.figure(server, column, figure) for figure in FIGURES}
    found |= {f"{figure} to bare": results.ratio(server, column, BARE, figure) for figure in FIGURES}
    return {name: value and asdict(value) for name, value in found.items()}
