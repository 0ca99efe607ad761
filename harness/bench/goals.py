"""The goals, in words, beside what was measured. Reports; decides nothing.

Knows the names of figures. A goal without its figure says so rather than being left out.
"""

from dataclasses import dataclass

from bench.table import printed


@dataclass(frozen=True)
class Goal:
    number: str
    text: str
    figure: tuple  # kind, row, column
    limit: float
    at_least: bool = False

    def verdict(self, value):
        if value is None:
            return "not measured"
        met = value >= self.limit if self.at_least else value <= self.limit
        return "met" if met else "not met"


INSTRUCTIONS, CALLS, MEMORY = "instructions added", "system calls added", "bytes"
ENDS, SERVER_CALLS = "system calls at the ends", "system calls a request"
REPORTED, RATIO = "reported", "ratio"
IDLE, OPEN, FILE, START = "idle process", "open connection", "library file", "process start"
H2_OPEN, H2_CONNECTION = "open HTTP/2 connection", "HTTP/2 connection of 10"
CONNECTION, OPENING, FIRST = "connection of 10", "opening", "first request"
BETWEEN, LAST = "requests between", "last request"
TOLD, FINISHED, GONE, LEFT = "told", "finished", "told and finished", "left by its client"
NOT_REACHED = "not reached"
COUNTED = [
    Goal("1", "instructions, request of 41 bytes", (INSTRUCTIONS, "41B", NOT_REACHED), 350),
    Goal("1", "instructions, request of 453 bytes", (INSTRUCTIONS, "453B", NOT_REACHED), 800),
    Goal("2", "system calls, first request", (ENDS, CONNECTION, FIRST), 0),
    Goal("2", "system calls, requests between", (ENDS, CONNECTION, BETWEEN), 0),
    Goal("3", "instructions, a call on a pipe", (INSTRUCTIONS, "pipe", NOT_REACHED), 12),
    Goal("3", "instructions, a call on a file", (INSTRUCTIONS, "file", NOT_REACHED), 12),
    Goal("3", "instructions, a call upstream", (INSTRUCTIONS, "upstream", NOT_REACHED), 12),
    Goal("8", "bytes of ours per open connection", (REPORTED, OPEN, "bytes"), 128),
    Goal("8", "bytes resident in an idle process", (REPORTED, IDLE, "own and shared bytes"), 65536),
    Goal("8", "bytes of the file, stripped", (MEMORY, FILE, "stripped"), 65536),
    Goal("8", "microseconds added to a start", (REPORTED, START, "microseconds"), 1000),
    Goal("9", "HTTP/2: instructions, exchange of 5 frames",
         (INSTRUCTIONS, "h2-unary", NOT_REACHED), 350),
    Goal("9", "HTTP/2: instructions, a DATA frame more in a write",
         (INSTRUCTIONS, "h2-data-one-write", NOT_REACHED), 60),
    Goal("9", "HTTP/2: system calls, first request", (ENDS, H2_CONNECTION, FIRST), 0),
    Goal("9", "HTTP/2: system calls, requests between", (ENDS, H2_CONNECTION, BETWEEN), 0),
    Goal("9", "HTTP/2: system calls, told and finished", (ENDS, H2_CONNECTION, GONE), 14),
]
TIMED = [
    Goal("4", "epoll loop, limit not reached: CPU against bare",
         (RATIO, "epoll", "not reached / bare: cpu"), 1.02),
    Goal("5", "nginx, N=1000: CPU against its own limit",
         (RATIO, "nginx", "N=1000 / native N=1000: cpu"), 1.02),
    Goal("5", "nginx, N=1000: throughput against its own limit",
         (RATIO, "nginx", "N=1000 / native N=1000: throughput"), 0.98, True),
    Goal("6", "nginx, N=10: CPU against its own limit",
         (RATIO, "nginx", "N=10 / native N=10: cpu"), 1.10),
    Goal("7", "epoll loop, N=1000: throughput against nginx in front",
         (RATIO, "epoll", "N=1000 / nginx in front: throughput"), 3, True),
    Goal("7", "epoll loop, N=1000: CPU against nginx in front",
         (RATIO, "epoll", "N=1000 / nginx in front: cpu"), 0.33),
    Goal("7", "epoll loop, N=1000: throughput against HAProxy in front",
         (RATIO, "epoll", "N=1000 / HAProxy in front: throughput"), 3, True),
    Goal("7", "epoll loop, N=1000: CPU against HAProxy in front",
         (RATIO, "epoll", "N=1000 / HAProxy in front: cpu"), 0.33),
    Goal("10", "static Go server, N=1000: CPU against bare", (RATIO, "go", "N=1000 / bare: cpu"), 1.05),
]


def found(figures, name):
    for step in name:
        figures = figures.get(step, {})
    return figures if figures != {} else None


def table(figures, goals, disturbed=()):
    """disturbed: rows and columns of ratios in which something else had a part."""
    lines = [["goal", "", "limit", "measured", ""]]
    for goal in sorted(goals, key=lambda goal: int(goal.number)):
        value = found(figures, goal.figure)
        sign = "≥" if goal.at_least else "≤"
        verdict = "not judged: disturbed" if goal.figure[1:] in disturbed else goal.verdict(value)
        lines.append([goal.number, goal.text, f"{sign} {goal.limit}",
                      "" if value is None else str(value), verdict])
    return printed(lines, left=2)
