"""The result as rows of words: the terminal's table and the report's, from the same list.

Knows the findings' names and how a number is best read; draws nothing.
"""

from rebalance.pictures import MOST, seconds


def fixed(value, digits=1):
    return "-" if value is None else f"{value:.{digits}f}"


def percent(value):
    return "-" if value is None else f"{100 * value:.0f}%"


def in_time(arm, place):
    phase = arm["phases"][place]
    return f"{seconds(phase['p50'])} / {seconds(phase['p99'])}"


def life_by_response(arm):
    busy = arm["busy"]
    if not busy["requests_per_life"]:
        return "-"
    return fixed(busy["requests_per_life"] * busy["response_s"])


def expected(arm, name, digits=1):
    return fixed(arm["predicted"][name], digits) if arm["predicted"] else "-"


def life_matters(arm):
    return bool(arm["limits"]["requests"] or arm["limits"]["age_s"])


def sent_and_executed(arm):
    counted = arm["counted"]
    return counted and f"{counted['sent']}, {counted['executed']}"


# A cell is None where nobody knows; a row of such cells is none.
ROWS = (
    ("instances in the busy phase", lambda arm: str(arm["busy"]["instances"])),
    ("answered in it, requests/s", lambda arm: fixed(arm["busy"]["answered_per_s"])),
    ("new instances' part of a fair share", lambda arm: percent(arm["busy"]["fresh_part"])),
    ("even after the load rose",
     lambda arm: seconds(arm["busy"]["settled_after"])),
    ("busiest / mean, requests", lambda arm: fixed(arm["busy"]["unevenness"], 2)),
    ("Jain's index, requests", lambda arm: fixed(arm["busy"]["jain"], 3)),
    ("busiest / mean, connections", lambda arm: fixed(arm["busy"]["connections_unevenness"], 2)),
    ("Jain's index, connections", lambda arm: fixed(arm["busy"]["connections_jain"], 3)),
    ("p50 / p99, quiet", lambda arm: in_time(arm, 0)),
    ("p50 / p99, busy", lambda arm: in_time(arm, 1)),
    ("p50 / p99, quiet again", lambda arm: in_time(arm, 2)),
    ("failed requests", lambda arm: str(arm["failed"])),
    ("sent, executed by the servers", sent_and_executed),
    ("executed twice", lambda arm: arm["counted"] and str(arm["counted"]["twice"])),
    ("sent again on another connection", lambda arm: str(arm["retried"])),
    ("connections refused", lambda arm: str(arm["refused"])),
    ("still waiting at the end", lambda arm: str(arm["left"])),
    ("a connection lasts, s", lambda arm: fixed(arm["busy"]["lifetime_s"])),
    ("  by lastcall plan", lambda arm: expected(arm, "mean_life_s")),
    ("  of it busy: N x response time", life_by_response),
    ("reconnects/s", lambda arm: fixed(arm["busy"]["reconnects_per_s"])),
    ("  by lastcall plan", lambda arm: expected(arm, "reconnects_per_s")),
    (f"  {MOST}", lambda arm: str(arm["most_reconnects"])),
    ("simulated curve, points apart", lambda arm: fixed(100 * arm["compared"]["distance"])),
)


def rows(findings):
    told = [(label, [cell(arm) for arm in findings["arms"]]) for label, cell in ROWS]
    return [(label, cells) for label, cells in told if any(cells)]


def terminal(findings):
    names = [arm["name"] for arm in findings["arms"]]
    table = rows(findings)
    first = max(len(label) for label, _ in table)
    wide = [max(len(name), *(len(cells[place]) for _, cells in table))
            for place, name in enumerate(names)]
    lines = [[" " * first, *names], *([label, *cells] for label, cells in table)]
    return "\n".join("  " + line[0].ljust(first) + "".join(
        "  " + cell.rjust(width) for cell, width in zip(line[1:], wide)) for line in lines)
