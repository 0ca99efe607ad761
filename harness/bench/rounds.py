"""Rounds: every column of every server once, the odd rounds backwards; and what is paired of them.

A slot in which something else ran is run again while there is time to spare, and left out of pairs
where enough remain. Knows no server and no clock but the one that ends it.
"""

from dataclasses import dataclass, field
from statistics import median

TRIES = 3
ENOUGH_PAIRS = 3


@dataclass
class Spread:
    """The median of a few values, the smallest and the greatest of them."""

    middle: float
    least: float
    most: float
    pairs: int
    disturbed: bool  # of necessity, among the values are disturbed ones

    @classmethod
    def of(cls, values, disturbed=False):
        return cls(median(values), min(values), max(values), len(values), disturbed)


@dataclass
class Results:
    """The slots of all rounds: rounds[number][server, column] is a Slot, or None."""

    rounds: list = field(default_factory=list)
    repeated: int = 0

    def slots(self, *key):
        """Its slots, the undisturbed ones where there are enough; whether disturbed ones are in."""
        return preferred([[one[key]] for one in self.rounds if one.get(key)])

    def figure(self, server, column, name):
        found, disturbed = self.slots(server, column)
        return Spread.of([getattr(slot, name) for slot, in found], disturbed) if found else None

    def ratio(self, server, column, base, name):
        """Of slots of the same round."""
        pairs = [[one.get((server, column)), one.get((server, base))] for one in self.rounds]
        found, disturbed = preferred([pair for pair in pairs if all(pair)])
        ratios = [getattr(slot, name) / getattr(other, name) for slot, other in found]
        return Spread.of(ratios, disturbed) if ratios else None


def preferred(groups):
    calm = [group for group in groups if not any(slot.disturbed for slot in group)]
    enough = len(calm) >= ENOUGH_PAIRS or len(calm) == len(groups)
    return (calm, False) if enough else (groups, True)


def order(plan, number):
    """(server, column) of one round; a server's columns stay together."""
    keys = [(server, column) for server, columns in plan.items() for column in columns]
    return keys[::-1] if number % 2 else keys


class Pace:
    """Whether there is time: all rounds have the first claim on it, repeats get what is over."""

    def __init__(self, slots, deadline):
        self.left_to_do, self.deadline = slots, deadline
        self.all, self.run = deadline.left(), 0

    def slot_takes(self):
        return (self.all - self.deadline.left()) / max(self.run, 1)

    def allows(self, slots):
        return self.slot_takes() * slots <= self.deadline.left()


def run(plan, rounds, slot, deadline, told=lambda number: None):
    """`slot(server, column)` measures one. No round begins that would end behind the deadline."""
    results, keys = Results(), order(plan, 0)
    pace = Pace(len(keys) * rounds, deadline)
    for number in range(rounds):
        if not pace.allows(len(keys)):
            break
        told(number)
        results.rounds.append(one_round(order(plan, number), slot, results, pace))
    return results


def one_round(keys, slot, results, pace):
    found = {}
    for key in keys:
        found[key] = slot(*key)
        pace.run += 1
        pace.left_to_do -= 1
        for _ in range(TRIES - 1):
            if (found[key] is None or found[key].disturbed) and pace.allows(pace.left_to_do + 1):
                found[key] = calmer(found[key], slot(*key))
                pace.run += 1
                results.repeated += 1
    return found


def calmer(one, other):
    known = [slot for slot in (one, other) if slot]
    return min(known, key=lambda slot: slot.disturbance, default=None)
