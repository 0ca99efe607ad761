"""The table behind the advice: what N, age, jitter and rate do, from ten instances to ten thousand.

One line for each case of simulation.py, beside what the arithmetic of `lastcall plan` says of it.
"""

import json
import sys
from dataclasses import asdict

from rebalance import theory
from rebalance.simulation import SAMPLE, Case, simulate

INTERVAL = 0.5  # seconds between two requests of a connection

# instances before and after, connections: first fewer connections for each, then more of everything
SIZES = ((10, 15, 150), (10, 15, 1_000), (10, 15, 10_000), (100, 150, 100_000),
         (1_000, 1_500, 1_000_000), (10_000, 15_000, 10_000_000), (10_000, 15_000, 1_000_000))
USUAL = SIZES[3]
LIMITS = (
    dict(requests=20, jitter=0.1), dict(requests=500, jitter=0.1), dict(requests=100),
    dict(requests=100, jitter=0.5),
    dict(age=50.0), dict(age=50.0, jitter=0.1), dict(age=50.0, jitter=0.5),
)
# Opened together, as after a deployment: what jitter is for. The last has a budget for each instance.
TOGETHER = (dict(requests=100), dict(requests=100, jitter=0.1), dict(requests=100, jitter=0.5),
            dict(requests=100, jitter=0.1, rate=20), dict(requests=100, jitter=0.1, rate=30))


def cases():
    yield from (Case(*size, INTERVAL, requests=100, jitter=0.1) for size in SIZES)
    yield from (Case(*USUAL, INTERVAL, **limits) for limits in LIMITS)
    yield from (Case(*USUAL, INTERVAL, together=True, **limits) for limits in TOGETHER)


def limits_words(case):
    words = [f"N {case.requests}"] if case.requests else []
    words += [f"age {case.age:g} s"] if case.age else []
    words += [f"jitter {100 * case.jitter:.0f}%"] if case.jitter else []
    words += [f"rate {case.rate}/s"] if case.rate else []
    return ", ".join(words)


def told(case):
    outcome = simulate(case, sample=SAMPLE // 4 if case.rate else SAMPLE)
    ideal = None if case.together else theory.time_to_even(case.longest, case.jitter, case.before,
                                                           case.after, 1.2)
    return {"case": asdict(case), "even_after_s": outcome.even_after, "planned_even_s": ideal,
            "reconnects_per_s": outcome.reconnects_per_s, "peak_per_s": outcome.peak_per_s,
            "cost": outcome.cost}


HEAD = ("instances", "connections", "limits", "start", "even after", "planned", "reconnects/s",
        "most in 1 s", "of the requests")


def row(case, found):
    even, ideal = found["even_after_s"], found["planned_even_s"]
    return (f"{case.before} to {case.after}", str(case.connections), limits_words(case),
            "together" if case.together else "mixed",
            "never" if even is None else f"{even:.0f} s", "-" if ideal is None else f"{ideal:.0f} s",
            f"{found['reconnects_per_s']:.0f}", f"{found['peak_per_s']:.0f}", f"{found['cost']:.2%}")


def main(out):
    rows, results = [], []
    for number, case in enumerate(cases()):
        if sys.stderr.isatty():
            print(f"\rcase {number + 1}", end="", file=sys.stderr, flush=True)
        results.append(told(case))
        rows.append(row(case, results[-1]))
    if sys.stderr.isatty():
        print("\r\033[K", end="", file=sys.stderr)
    print(f"One request every {INTERVAL:g} s on each connection; half as many instances are added.\n"
          "even: the busiest is to be expected at 1.2 times the mean of the connections, or less.\n"
          "planned: the same by the arithmetic of lastcall plan, without the dice.\n")
    print(as_text([HEAD, *rows]))
    out.mkdir(parents=True, exist_ok=True)
    (out / "simulation.json").write_text(json.dumps(results, indent=1) + "\n")
    return 0


def as_text(rows):
    wide = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    return "\n".join("  " + "  ".join(cell.rjust(width) if place not in (2, 3) else cell.ljust(width)
                                      for place, (cell, width) in enumerate(zip(row, wide))).rstrip()
                     for row in rows)
