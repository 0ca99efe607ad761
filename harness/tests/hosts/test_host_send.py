"""However a server sends, its N-th response is the last one; what it sends unseen is left alone.

Knows the sending calls by the names the host gives them; each is tried with a plain read.
"""

import pytest

from hosts.running import (LIMITS, exact, one_by_one, paths, pipelined, request, run, untouched)
from support import laws
from support.client import FIN

WAYS = ["write", "writev", "writev30", "writev1024", "nulliov", "send", "sendto", "sendmsg",
        "sendmmsg", "sendfile", "sendfile64", "splice", "linewise", "bytewise", "head-then-body",
        "msg_more", "syscall", "syscall-sendto", "syscall-writev", "syscall-sendmsg",
        "syscall-sendmmsg", "syscall-sendfile", "syscall-splice"]
# A head by sendfile, stdio, MSG_ZEROCOPY, control messages, calls of another library's own.
UNSEEN = ["sendfile-whole", "stdio", "stdio-head", "stdio-around", "raw", "dprintf"]
RULED_OUT = ["zerocopy", "control"]
HALF_SEEN = ["stdio-body", "raw-body"]

sent_by = pytest.mark.parametrize("way", WAYS)


@sent_by
@pytest.mark.parametrize("limit", LIMITS)
def test_the_nth_response_is_the_last(library, way, limit):
    exact(library, limit, [f"--send={way}"])


@sent_by
def test_the_nth_response_is_the_last_in_a_musl_process(library, way):
    exact(library, 2, [f"--send={way}"], libc="musl")


@sent_by
def test_a_head_without_connection_fields_gets_its_close_option(library, way):
    _, kept = exact(library, 2, [f"--send={way}"], paths("/plain/1", "/plain/2"))
    assert kept.said.responses[1].head.endswith(b"\r\nConnection: close\r\n\r\n")


@sent_by
def test_every_response_to_a_pipeline_is_whole_up_to_the_last(library, way):
    requests = paths(*(f"/{number}" for number in range(1, 11)))
    bare = run([f"--send={way}"], pipelined(requests, 10))
    kept = run([f"--send={way}"], pipelined(requests, 3), library, {"LASTCALL_REQUESTS": 3})
    assert kept.requests() == bare.requests()[:3]
    for expected, got in zip(bare.said.responses[:2], kept.said.responses[:2]):
        assert got.wire == expected.wire
    laws.is_last(bare.said.responses[2], kept.said.responses[2])
    assert (kept.said.ended, kept.said.left, kept.status) == (FIN, FIN, 0)


@sent_by
def test_a_long_body_stays_whole(library, way):
    exact(library, 2, [f"--send={way}"], paths("/1", "/size/3000"))


@pytest.mark.parametrize("way", UNSEEN + RULED_OUT)
@pytest.mark.parametrize("limit", LIMITS)
def test_a_response_that_cannot_be_followed_is_left_alone(library, way, limit):
    untouched(library, limit, [f"--send={way}"])


@pytest.mark.parametrize("way", HALF_SEEN)
@pytest.mark.parametrize("limit", (2, 3))
def test_a_body_sent_unseen_makes_the_position_unprovable(library, way, limit):
    untouched(library, limit, [f"--send={way}"])


@pytest.mark.parametrize("way", UNSEEN + RULED_OUT + HALF_SEEN)
@pytest.mark.parametrize("limit", (2, 3))
def test_one_unseen_response_ends_the_following(library, way, limit):
    """The response before the last goes unseen; the last would have been seen again."""
    before = ["/1"] * (limit - 2)
    untouched(library, limit, [], paths(*before, f"/way/{way}", "/seen", "/seen", "/seen"))


@pytest.mark.parametrize("way", UNSEEN + RULED_OUT)
def test_requests_behind_an_unseen_last_response_are_answered(library, way):
    untouched(library, 2, [], paths("/1", f"/way/{way}", "/3", "/4"))


def test_every_cut_of_the_response_gives_the_same_bytes(library):
    whole = run([], one_by_one(paths("/cut/00000"))).said.responses[0]
    cuts = range(len(whole.wire) + 1)

    def talk(port):
        return [one_by_one(paths(f"/cut/{cut:05}"), last=True)(port) for cut in cuts]

    def bare_talk(port):
        return [one_by_one(paths(f"/cut/{cut:05}"))(port) for cut in cuts]

    bare = run([], bare_talk, connections=len(cuts))
    kept = run([], talk, library, {"LASTCALL_REQUESTS": 1}, connections=len(cuts))
    for expected, got in zip(bare.said, kept.said, strict=True):
        laws.is_last(expected.responses[0], got.responses[0])
        assert (got.ended, got.left) == (FIN, FIN)
    heads = {got.responses[0].head for got in kept.said}
    assert len(heads) == 1
    assert kept.trace == bare.trace


def test_mixed_ways_on_one_connection_are_followed(library):
    ways = ["write", "sendfile", "bytewise", "writev", "splice", "sendmmsg"]
    exact(library, len(ways), [], paths(*(f"/way/{way}" for way in ways)))


def test_the_client_that_asks_nothing_more_gets_its_responses_in_one_piece(library):
    """One call of the server for one response is one segment: nothing is added beside it."""
    _, kept = exact(library, 1, ["--send=writev"], [request("/size/500")])
    assert len(kept.said.responses[0].content) == 500
