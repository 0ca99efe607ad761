"""A thread that ends a connection's number waits for what another is about to do by that number on the
library's account, to throw bytes away or to half-close: whoever has it next is answered whole.

The bare run of the host is its control, and a run in which nothing was held back has shown nothing. Refuses
to know how the thread is made to wait.
"""

import pytest

from hosts import building
from hosts.running import facts_of

CALLS = ["close", "dup2", "close_range"]


def is_closed_once_it_has(library, *how):
    program = building.program("closed_meanwhile")
    fine = {"same number": 1, "request whole": 1, "response whole": 1}
    assert facts_of(program, *how) == {**fine, "held": 0, "done": 0}
    behind = f"{library}:{building.shared_object('hold_back')}"
    kept = facts_of(program, *how, library=behind, limit=1)
    assert kept == {**fine, "held": 1, "done": 1}


@pytest.mark.parametrize("number", ["only", "duplicated"])
@pytest.mark.parametrize("call", CALLS)
def test_a_number_closed_while_the_guest_is_about_to_throw_bytes_away_is_closed_once_it_has(library, call,
                                                                                            number):
    is_closed_once_it_has(library, "discard", call, number)


@pytest.mark.parametrize("call", CALLS)
def test_a_number_closed_while_the_guest_is_about_to_half_close_is_closed_once_it_has(library, call):
    """One of two: the only one waits anyway, for what may be held back of a response."""
    is_closed_once_it_has(library, "half-close", call, "duplicated")
