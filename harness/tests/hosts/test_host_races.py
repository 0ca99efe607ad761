"""What a thread does to a connection that another has ended, or never comes back from, harms neither the
next connection nor any later one.

Each host shows its connections before the race, or without the thread that comes late: its control.
Which thread is first is chance; a library that is right passes whichever it is.
"""

import pytest

from hosts import building
from hosts.running import facts_of

SHORT, LONG = 4, 300  # seconds
ROUNDS = 1500


def races(library, seconds):
    """Of three connections all say close on their second response, and no head is damaged."""
    program = building.program("dup_close")
    assert facts_of(program, 1) == {"before": 0, "after": 0}
    kept = facts_of(program, seconds, library=library, limit=2, patience=2 * LONG)
    assert kept == {"before": 3, "after": 3}


def test_a_duplicate_made_while_its_number_is_closed_ends_no_other_connection(library):
    races(library, SHORT)


@pytest.mark.suites
@pytest.mark.timeout(3 * LONG)
def test_duplicates_made_for_long_while_their_numbers_are_closed_end_none(library):
    races(library, LONG)


@pytest.mark.parametrize("call, limit", [("read", 1), ("sendfile", 2)])
def test_a_thread_that_comes_back_late_changes_nothing_for_the_next_connection(library, call, limit):
    program = building.program("late_thread")
    fine = {"says close": 1, "whole": 1, "reset": 0, "same number": 1}
    assert facts_of(program, call, "alone", library=library, limit=limit) == fine
    for _ in range(3):
        assert facts_of(program, call, library=library, limit=limit) == fine


@pytest.mark.parametrize("how", ["cancel", "jump"])
def test_calls_that_are_never_returned_from_hide_no_later_connection(library, how):
    program = building.program("abandoned")
    assert facts_of(program, how, 50) == {"before": 0, "after": 0}
    assert facts_of(program, how, ROUNDS, library=library, limit=1) == {"before": 8, "after": 8}
