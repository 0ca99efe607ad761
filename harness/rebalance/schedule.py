"""When requests are due: three phases at fixed rates, dealt to the clients in turn.

Pure arithmetic of time. Open-loop: an arrival does not wait for an answer, so that overload shows as
latency and not as silence.
"""

from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Phase:
    name: str
    begin: float
    end: float
    rate: float


def phases(seconds, low, high):
    """Quiet for a sixth of the time, busy for half of it, quiet again."""
    up, down = seconds / 6, seconds * 2 / 3
    return [Phase("quiet", 0.0, up, low), Phase("busy", up, down, high),
            Phase("quiet again", down, seconds, low)]


def arrivals(plan):
    times = []
    for phase in plan:
        number = round((phase.end - phase.begin) * phase.rate)
        times += [phase.begin + (each + 0.5) / phase.rate for each in range(number)]
    return times


def dealt(times, hands):
    """Each client's arrivals: every client has the same rate at any time."""
    return [times[hand::hands] for hand in range(hands)]


def as_data(plan):
    return [asdict(phase) for phase in plan]
