"""The findings of a run as plain data: what result.json holds and what every picture is drawn from.

Joins the record with what the run did (phases, scalings, instances). Draws nothing, prints nothing.
"""

import math
import statistics
from dataclasses import asdict

from rebalance import measure, schedule

BIN = 1.0  # seconds


def of(runs, setup, about):
    return {"about": about, "setup": of_setup(setup), "phases": schedule.as_data(setup.plan),
            "arms": [of_arm(run, setup) for run in runs]}


def of_setup(setup):
    return {"protocol": setup.protocol.name, "story": setup.protocol.story, "server": setup.kind.name,
            "held_says": setup.protocol.held(setup.connections, setup.clients),
            "balancer": setup.balancer.name,
            "balancer_says": setup.balancer.says, "clients": list(setup.clients),
            "seconds": setup.seconds, "connections": setup.connections,
            "service_s": setup.service, "workers": setup.workers, "capacity": setup.capacity,
            "least": setup.least, "most": setup.most, "target": setup.target,
            "sync_s": setup.sync, "stabilisation_s": setup.stabilisation,
            "drain_ramp_s": setup.ramp, "think_s": setup.think, "rate": setup.rate,
            "even": measure.EVEN, "even_window_s": window(setup)}


def window(setup):
    """A connection's life, about: over less, the balancer's chance is what one would see."""
    return setup.seconds / 15


def of_arm(run, setup):
    record, counts = run.record, measure.Counts.of(run.record.done)
    busy = setup.plan[1]
    opened = measure.histogram(measure.reconnects(record, 0, setup.seconds), 0, setup.seconds, BIN)
    return {
        "name": run.arm.name, "says": run.arm.says, "clean": run.arm.clean,
        "preloaded": run.arm.preloaded,
        "limits": {"requests": run.arm.requests, "age_s": run.arm.age, "jitter": run.arm.jitter},
        "answered": len(record.done), "failed": len(record.failed), "left": len(record.left),
        "counted": of_counts(run), "retried": len(record.retried), "refused": len(record.refused),
        "failures": [trouble._asdict() for trouble in record.failed[:20]],
        "instances": [of_instance(each, counts, setup) for each in run.instances],
        "scalings": [asdict(each) for each in run.scalings],
        "scale_outs": [of_scale_out(run, each, counts, setup) for each in scale_outs(run)],
        "phases": [of_phase(record, phase, setup) for phase in setup.plan],
        "latency_by_second": by_second(record, setup),
        "busy": of_busy(run, counts, busy, setup),
        "reconnects_by_second": opened, "most_reconnects": max(opened),
    }


def of_counts(run):
    """What was sent, beside what the servers noted that they executed; None where they do not."""
    if run.executed is None:
        return None
    record = run.record
    answered = {f"{each.due:.4f}" for each in record.done}
    executed = sum(run.executed.values())
    return {"sent": len(record.done) + len(record.failed) + record.under_way, "executed": executed,
            "twice": executed - len(run.executed), "unexplained": len(answered - run.executed.keys())}


def of_instance(instance, counts, setup):
    times = counts.times.get(instance.name, [])
    ready = instance.ready_at
    return {"name": instance.name, "ready": None if ready is None else max(ready, 0.0),
            "asked": instance.asked_at, "left": instance.left_at, "gone": instance.gone_at,
            "cut_off": instance.cut_off,
            "per_second": measure.histogram(times, 0, setup.seconds, BIN)}


# ---- Scale-outs ----------------------------------------------------------------------------------


def scale_outs(run):
    return [each for each in run.scalings if each.after > each.before]


def of_scale_out(run, scaling, counts, setup):
    """What became of it until the next change, or until the load fell."""
    fresh = [each for each in run.instances if each.asked_at == scaling.at and each.ready_at]
    later = [each.at for each in run.scalings if each.at > scaling.at]
    begin = max((each.ready_at for each in fresh), default=scaling.at)
    end = min([*later, setup.plan[1].end])
    told = {"at": scaling.at, "before": scaling.before, "after": scaling.after, "ready": begin,
            "until": end, "fair_part": None, "even_after": None}
    alive = alive_at(run, begin)
    if not fresh or end - begin < BIN:
        return told
    names = [each.name for each in alive]
    last = max(begin, end - window(setup))
    part = measure.fair_part(counts, [each.name for each in fresh], names, last, end)
    told["fair_part"] = None if math.isnan(part) else part
    told["even_after"] = measure.time_to_even(counts, names, begin, end, window(setup))
    return told


def alive_at(run, moment):
    return [each for each in run.instances
            if each.ready_at is not None and each.ready_at <= moment
            and (each.left_at is None or each.left_at > moment)]


# ---- Phases --------------------------------------------------------------------------------------


def of_phase(record, phase, setup):
    took = measure.latencies(record, phase.begin, phase.end, setup.seconds + 1)
    return {"name": phase.name, "p50": measure.percentile(took, 0.5),
            "p99": measure.percentile(took, 0.99), "requests": len(took)}


def by_second(record, setup):
    """The median of the requests due in each second."""
    bins = [[] for _ in range(math.ceil(setup.seconds / BIN))]
    last = setup.seconds + 1
    for due, took in ([(each.due, each.at - each.due) for each in record.done]
                      + [(due, last - due) for due in record.left]):
        if 0 <= due < setup.seconds:
            bins[int(due / BIN)].append(took)
    return [measure.percentile(took, 0.5) if took else None for took in bins]


def of_busy(run, counts, busy, setup):
    """The second half of the busy phase: everything that is to settle has settled, or never will."""
    begin, end = (busy.begin + busy.end) / 2, busy.end
    record = run.record
    names = [each.name for each in alive_at(run, begin)]
    loads = counts.loads(names, begin, end)
    open_now = measure.connections_at(record, end)
    held = [open_now.get(name, 0) for name in names]
    lives = measure.lifetimes(record, begin, end)
    opened = measure.reconnects(record, begin, end)
    return {"begin": begin, "end": end, "instances": len(names),
            "rates": {name: load / (end - begin) for name, load in zip(names, loads)},
            "fresh_part": fresh_part(run, counts, begin, end, setup),
            "settled_after": settled_after(run, counts, busy, setup),
            "answered_per_s": sum(loads) / (end - begin),
            "unevenness": finite(measure.unevenness(loads)), "jain": measure.jain(loads),
            "connections": dict(zip(names, held)), "held": measure.held(record, begin, end),
            "connections_unevenness": finite(measure.unevenness(held)),
            "connections_jain": measure.jain(held),
            "reconnects_per_s": len(opened) / (end - begin),
            "lifetime_s": statistics.mean(life for life, _ in lives) if lives else None,
            "requests_per_life": statistics.mean(number for _, number in lives) if lives else None,
            "response_s": response_time(record, begin, end)}


def fresh_part(run, counts, begin, end, setup):
    """Of their fair share: what the instances answer that were not there at the start."""
    names = [each.name for each in alive_at(run, begin)]
    fresh = names[setup.least:]
    part = measure.fair_part(counts, fresh, names, begin, end) if fresh else math.nan
    return None if math.isnan(part) else part


def settled_after(run, counts, busy, setup, step=0.5):
    """Seconds from the rise of the load to the first even window behind the last scale-out."""
    outs = [each.at for each in run.scalings if each.after > each.before and each.at < busy.end]
    ready = [each.ready_at for each in run.instances if each.asked_at in outs and each.ready_at]
    if not ready:
        return None
    names = [each.name for each in alive_at(run, max(ready))]
    even = measure.time_to_even(counts, names, max(ready), busy.end, window(setup), step)
    return None if even is None else max(ready) + even - busy.begin


def response_time(record, begin, end):
    """On the connection: from the request's first byte to the response's last."""
    times = [done.at - done.sent for done in record.done if begin <= done.at < end]
    return statistics.mean(times) if times else None


def finite(value):
    return None if math.isinf(value) else value
