"""What was to be expected: `lastcall plan`'s figures, the twin's curve, and how far the run is from them.

The twin follows the scalings that the run had. Its curve is the mean of several seeds; the run is one
throw of the dice, hence a tolerance, which is stated in the result.
"""

import re
import statistics
import subprocess

from rebalance import measure, theory
from rebalance.twin import Twin

SEEDS = 5
TOLERANCE = 0.08  # of all requests: the mean distance of the two curves
STEP = 1.0


# ---- The curve: which part of the requests the instances have that were not there at the start ---


def curve(record, names, phase, window):
    counts = measure.Counts.of(record.done)
    points, at = [], phase.begin
    while at + window <= phase.end + 1e-9:
        loads = {name: counts.within(name, at, at + window) for name in counts.times}
        total = sum(loads.values())
        points.append((at + window / 2, sum(loads[name] for name in loads if name in names)
                       / total if total else 0.0))
        at += STEP
    return points


def scalings_of(run):
    """(at, ready at, after): what the twin is to follow."""
    return [(each.at, max((instance.ready_at or each.at for instance in run.instances
                           if instance.asked_at == each.at), default=each.at), each.after)
            for each in run.scalings]


def compare(run, window):
    setup, busy = run.setup, run.setup.plan[1]
    names = {f"i{each}" for each in range(setup.least + 1, len(run.instances) + 1)}
    real = curve(run.record, names, busy, window)
    twins = [Twin(setup, run.arm, scalings_of(run), seed).run() for seed in range(1, SEEDS + 1)]
    curves = [curve(twin.record, names, busy, window) for twin in twins]
    mean = [(points[0][0], statistics.mean(part for _, part in points)) for points in zip(*curves)]
    distance = statistics.mean(abs(seen - expected) for (_, seen), (_, expected) in zip(real, mean))
    return {"measured": real, "simulated": mean, "distance": distance, "tolerance": TOLERANCE,
            "agrees": distance <= TOLERANCE,
            "reconnects_per_s": statistics.mean(twin_reconnects(twin, busy) for twin in twins)}


def twin_reconnects(twin, busy):
    begin = (busy.begin + busy.end) / 2
    return len(measure.reconnects(twin.record, begin, busy.end)) / (busy.end - begin)


# ---- The command's figures -----------------------------------------------------------------------


def planned(command, rate, clients, connections, longest, jitter):
    """What `lastcall plan` says of a life of this length: N, reconnects a second."""
    said = subprocess.run(
        [str(command), "plan", "--rps", f"{rate:g}", "--clients", str(clients),
         "--connections", str(round(connections)), "--settle", f"{round(longest * 1000)}ms",
         "--jitter", f"{jitter}%"], capture_output=True, text=True, timeout=30, check=True).stdout
    return {"requests": int(re.search(r"--requests (\d+)", said)[1]),
            "reconnects_per_s": float(re.search(r"all clients +([\d.]+) a second", said)[1]),
            "mean_life_s": float(re.search(r"on average +([\d.]+) s", said)[1])}


def predict(arm, setup, held, rate):
    """Reconnects a second and the mean life at this rate of answers, which is not that of the arrivals
    while a backlog is worked off; None for an arm without limits."""
    if not held or not rate:
        return None
    interval = held / rate
    if arm.requests:
        longest = arm.requests * interval + 0.001  # so that N intervals surely fit
        return planned(setup.command, rate, len(setup.clients), held, longest, arm.jitter)
    if arm.age:
        mean = theory.mean_life(arm.age, arm.jitter / 100) + interval / 2
        return {"requests": None, "reconnects_per_s": held / mean, "mean_life_s": mean}
    return None
