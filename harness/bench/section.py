"""The page on cost and the README's words on it, with the figures of a run in them, as Markdown.

Knows the figures and the results. A figure that was not measured is left blank, never guessed.
"""

from bench import goals, report
from bench.columns import AGAIN, BARE, NOT_REACHED

ROWS = {AGAIN: "bare again: the noise", NOT_REACHED: "lastcall, limit not reached",
        "N=1000": "lastcall, N = 1000", "native N=1000": "its own limit of 1000",
        "N=10": "lastcall, N = 10", "native N=10": "its own limit of 10",
        "nginx in front": "nginx in front, same core", "HAProxy in front": "HAProxy in front, same core"}

BRIEF = """{small:,} instructions of user space for a request of 41 bytes and its response, {large:,} with a
browser's 453 bytes of head; in HTTP/2 {unary:,} for a unary exchange of five frames. No system call but at
a connection's two ends. {each:.0f} bytes of memory for an open connection, {h2_each:.0f} for one of HTTP/2. No thread, no
descriptor, no heap. A small request to nginx takes {limit} of its bare processor time at N = 1000, and {front}
with another nginx in front on the same core.
"""

PAGE = """# What it costs

{small:,} instructions of user space for a request of 41 bytes and its response, {large:,} with a
browser's 453 bytes of head; of a body only chunk sizes are read. In HTTP/2 {unary:,} for a unary exchange
of five frames, {frame:g} for one DATA frame more in a write. No system call but for the opening of a
connection ({opening}) and its last request ({last}); in HTTP/2 for the opening ({h2_opening}), telling the
client ({told}), finishing a connection that it keeps ({finished}) and its leaving then ({left}). {each:.0f}
bytes for an open connection, {h2_each:.0f} for one of HTTP/2. No thread, no descriptor, no heap.

![Processor time per request, the bare server being 1](bench.svg)

Processor time per request against the bare server, median (least-most) of {rounds} paired rounds:

{table}

{calm}
`make bench` measures it on your machine, `make instructions` what repeats exactly; the budgets in
`harness/budgets.json` fail `make test` when it grows.

nghttpd's load, h2load, never connects anew, so nothing there reaches a limit, nor do the proxies have one. Go's
own limit is the middleware of [Go servers](go.md#with-the-source), in the source.
"""

CALM = "Of {slots} measured slots {disturbed:.0%} were disturbed by something else that ran on the machine."


def page(results, plan, figures, calm):
    return PAGE.format(**exact(figures), rounds=len(results.rounds), table=table(results, plan),
                       calm=CALM.format(**calm))


def brief(results, figures):
    ratios = {key: results.ratio("nginx", column, BARE, "cpu")
              for key, column in (("limit", "N=1000"), ("front", "nginx in front"))}
    return BRIEF.format(**exact(figures), **{key: f"{value.middle:.2f}" if value else "(not measured)"
                                             for key, value in ratios.items()})


def exact(figures):
    """What repeats exactly."""
    return {**instructions(figures[goals.INSTRUCTIONS]), **ends(figures[goals.ENDS]),
            "each": figures[goals.REPORTED][goals.OPEN]["bytes"],
            "h2_each": figures[goals.REPORTED][goals.H2_OPEN]["bytes"]}


def instructions(added):
    small, large, unary, frame = (added[row][goals.NOT_REACHED] for row in (
        "41B", "453B", "h2-unary", "h2-data-one-write"))
    return {"small": round(small), "large": round(large), "unary": round(unary), "frame": frame}


def ends(calls):
    plain, framed = calls[goals.CONNECTION], calls[goals.H2_CONNECTION]
    return {"opening": plain[goals.OPENING], "last": plain[goals.LAST],
            "h2_opening": framed[goals.OPENING], "told": framed[goals.TOLD],
            "finished": framed[goals.FINISHED], "left": framed[goals.LEFT]}


def table(results, plan):
    heads = [report.NAMES.get(server, server) for server in plan]
    lines = [["", *heads], ["---"] * (len(heads) + 1)]
    for column, words in ROWS.items():
        lines.append([words, *(cell(results, server, column) for server in plan)])
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def cell(results, server, column):
    value = results.ratio(server, column, BARE, "cpu")
    return report.spread(value).strip() if value else ""
