"""A call that is blocked on connection A when another thread closes A and accepts B under its number stays
A's, as in the kernel: it neither takes B's bytes nor sends B any of A's, and no call becomes several whose
time-outs add up.

The bare run of each host is its control. Refuses to know in how many calls the library does its work.
"""

import pytest

from hosts import building
from hosts.running import facts_of

OUR_SHARE = 2000  # milliseconds: a second, and room for a busy machine


@pytest.mark.parametrize("how", ["close", "shutdown"])
@pytest.mark.parametrize("limit", [1, 2])
def test_a_read_behind_the_last_response_takes_no_other_client_s_bytes(library, how, limit):
    program = building.program("passed_read")
    fine = {"same number": 1, "ended": 1, "missing": 0, "stolen": 0}
    assert facts_of(program, how) == fine
    assert facts_of(program, how, library=library, limit=limit) == fine


@pytest.mark.parametrize("way", ["mmsg", "chunked", "length", "iovecs", "message"])
@pytest.mark.parametrize("limit", [1, 2, 1000])
def test_no_byte_of_a_blocked_response_reaches_another_client(library, way, limit):
    program = building.program("passed_write")
    fine = {"same number": 1, "blocked": 1, "came back": 1, "reached B": 0}
    assert facts_of(program, way) == {**fine, "A whole": 1}
    kept = facts_of(program, way, library=library, limit=limit)
    assert {name: kept[name] for name in fine} == fine


@pytest.mark.parametrize("client", ["silent", "trickle"])
@pytest.mark.parametrize("limit", [1, 2])
def test_a_send_timeout_bounds_one_call_as_it_does_bare(library, client, limit):
    program = building.program("send_timeout")
    bare = facts_of(program, client)
    kept = facts_of(program, client, library=library, limit=limit)
    assert bare["whole"] == kept["whole"] == 0
    assert kept["lasted"] <= bare["lasted"] + OUR_SHARE
