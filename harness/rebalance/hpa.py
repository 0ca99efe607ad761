"""The Kubernetes horizontal pod autoscaler, its arithmetic: how many instances there are to be.

desired = ceil(current x metric / target), nothing within the tolerance; an instance that is not ready
counts as idle when the others ask for more; down only to the highest wish of the stabilisation
window. Has no clock and starts nothing.
"""

import math
from dataclasses import dataclass, field

TOLERANCE = 0.1


def wished(metrics, unready, target, tolerance=TOLERANCE):
    """How many are wanted, given the load of each ready instance as a share of its capacity."""
    current = len(metrics) + unready
    if not metrics:
        return current
    ratio = sum(metrics) / len(metrics) / target
    if unready and ratio > 1:
        ratio = sum(metrics) / current / target
        if ratio < 1:
            return current
    if abs(ratio - 1) <= tolerance + 1e-9:
        return current
    counted = current if ratio > 1 else len(metrics)
    return math.ceil(counted * ratio - 1e-9)


@dataclass(frozen=True)
class Scaling:
    """One change of the number of instances."""

    at: float
    before: int
    after: int
    load: float  # the mean of the instances, as a share of their capacity


@dataclass
class Autoscaler:
    target: float
    least: int
    most: int
    stabilisation: float  # seconds
    wishes: list = field(default_factory=list)

    def decide(self, now, metrics, unready):
        wish = min(max(wished(metrics, unready, self.target), self.least), self.most)
        self.wishes = [(when, what) for when, what in self.wishes
                       if when > now - self.stabilisation] + [(now, wish)]
        current = len(metrics) + unready
        return wish if wish >= current else min(current, max(what for _, what in self.wishes))
