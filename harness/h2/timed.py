"""Preloaded servers whose library has its time from the test: see hosts/clock.py."""

import pytest

from h2.talk import serves
from hosts import clock

PAUSE = 1000  # milliseconds without a stream, after which a told connection is ended


@pytest.fixture
def timed(launch, library, tmp_path):
    """timed(server, 3): the process, fresh, and its library's clock, which stands still or leaps."""
    def start(server, limit, step=0):
        hand = clock.Clock(tmp_path, step)
        settings = {"LASTCALL_REQUESTS": str(limit), **hand.settings()}
        return launch(server, True, clock.behind(library), tuple(sorted(settings.items()))), hand
    return start


def looked(process, hand, milliseconds):
    """Another client comes, and goes after an answer, so much later: the process has looked round."""
    hand.pass_on(milliseconds)
    serves(process)
    return True
