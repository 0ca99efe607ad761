"""What the record says: rates, evenness, latencies, connections. Pure functions of what was seen.

Evenness is judged over windows: each request belongs to the second in which its response was whole.
A request not answered when the run ended counts with the time that it had waited by then.
"""

import bisect
import math
from collections import Counter
from dataclasses import dataclass

from rebalance.told import BY_REQUEST

EVEN = 1.2  # the busiest instance over the mean


def jain(loads):
    """Jain's fairness index: 1 when all are alike, 1/n when one has it all."""
    loads = list(loads)
    squares = sum(load * load for load in loads)
    return sum(loads) ** 2 / (len(loads) * squares) if squares else 1.0


def unevenness(loads):
    """The greatest over the mean: 1 when all are alike."""
    loads = list(loads)
    return max(loads) * len(loads) / sum(loads) if sum(loads) else math.inf


def percentile(values, share):
    """The smallest value that is not exceeded by this share of them (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else math.nan


def histogram(times, begin, end, width):
    """How many in each bin; a time outside is in none."""
    bins = [0] * max(1, math.ceil((end - begin) / width - 1e-9))
    for time in times:
        if begin <= time < end:
            bins[min(int((time - begin) / width), len(bins) - 1)] += 1
    return bins


def peak(times, begin, end, width):
    """The greatest number in any window of this width: it may begin anywhere."""
    inside = sorted(time for time in times if begin <= time < end)
    return max((bisect.bisect_left(inside, time + width) - each
                for each, time in enumerate(inside)), default=0)


@dataclass
class Counts:
    """Completed requests of each instance, to be asked for any window of time."""

    times: dict  # instance → sorted times

    @classmethod
    def of(cls, done):
        times = {}
        for each in done:
            times.setdefault(each.instance, []).append(each.at)
        return cls({name: sorted(ats) for name, ats in times.items()})

    def within(self, name, begin, end):
        times = self.times.get(name, [])
        return bisect.bisect_left(times, end) - bisect.bisect_left(times, begin)

    def loads(self, names, begin, end):
        return [self.within(name, begin, end) for name in names]


def time_to_even(counts, names, begin, end, window, step=0.25):
    """Seconds from `begin` to the first window over which the instances are even; None: never."""
    at = begin
    while at + window <= end + 1e-9:
        if unevenness(counts.loads(names, at, at + window)) <= EVEN:
            return at - begin
        at += step
    return None


def fair_part(counts, new, all_, begin, end):
    """The part of their fair share of the requests that the new instances have."""
    total = sum(counts.loads(all_, begin, end))
    return sum(counts.loads(new, begin, end)) / total * len(all_) / len(new) if total else math.nan


def latencies(record, begin, end, last):
    """Of the requests that were due in this time, in seconds; `last` is when the run ended."""
    return ([done.at - done.due for done in record.done if begin <= done.due < end]
            + [last - due for due in record.left if begin <= due < end])


def placed(record):
    """Which instance each connection went to, as its responses tell."""
    return {done.connection: done.instance for done in record.done}


def connections_at(record, moment):
    """How many connections each instance has; those that never answered are nowhere."""
    where = placed(record)
    gone = {close.connection for close in record.closed if close.at <= moment}
    return Counter(where[connection] for connection, opened in record.opened.items()
                   if opened <= moment and connection not in gone and connection in where)


def held(record, begin, end):
    """How many connections were open in this time, on average: an idle client may have none."""
    gone = {close.connection: close.at for close in record.closed}
    spans = [min(end, gone.get(connection, end)) - max(begin, opened)
             for connection, opened in record.opened.items()]
    return sum(span for span in spans if span > 0) / (end - begin)


def lifetimes(record, begin, end):
    """Of the connections that ended in this time by a request's end: how long they lasted, how many
    requests."""
    return [(close.at - record.opened[close.connection], close.requests)
            for close in record.closed
            if begin <= close.at < end and close.how in BY_REQUEST
            and close.connection in record.opened]


def reconnects(record, begin, end):
    """When connections were opened in place of others: not those with which a client began."""
    return [at for (client, number), at in record.opened.items()
            if begin <= at < end and number > record.sizes[client]]
