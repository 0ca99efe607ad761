"""Waiting for a condition with a deadline: the only place of the harness that sleeps.

Knows nothing of servers or HTTP. Durations bound a wait; no test asserts one.
"""

import time

PATIENCE = 20.0
PAUSE = 0.005


def until(condition, patience=PATIENCE):
    """The condition's first true value, or its last false one when patience ends."""
    end = time.monotonic() + patience
    while True:
        value = condition()
        if value or time.monotonic() >= end:
            return value
        time.sleep(PAUSE)


class Deadline:
    """What is left of a bounded time."""

    def __init__(self, patience=PATIENCE):
        self.end = time.monotonic() + patience

    def left(self):
        return max(0.001, self.end - time.monotonic())

    def over(self):
        return time.monotonic() >= self.end
