"""The client of an HTTP/2 connection is told to go once, at the N-th stream, and all are answered.

Each server bare against itself preloaded: beside the one GOAWAY, everything is as it was.
"""

import pytest

from h2 import laws
from h2.parameters import every_server, on_those, peers_leave  # noqa: F401
from h2.talk import at_once, one_by_one, serves
from support.client import Client
from support.conversation import ends_at, requests, talk
from support.laws import masked
from support.messages import get
from support.proxy_header import PREFIXES

LIMIT = 5
STREAMS = 12


def paths(server, number=STREAMS):
    """Large answers among the small ones, one of them the N-th."""
    return [server.big if server.big and each % 4 == 0 else server.small
            for each in range(number)]


@pytest.mark.parametrize("limit", [1, 2, LIMIT])
@every_server
def test_the_client_is_told_at_the_nth_stream_and_every_stream_is_answered(server, limit, bare,
                                                                           under):
    plain = one_by_one(bare(server), paths(server))
    got = one_by_one(under(server, LASTCALL_REQUESTS=limit), paths(server))
    nth = 2 * limit - 1
    laws.is_told_at(got, nth, before=nth - 2 if limit > 1 else None)
    laws.is_as_bare(plain, got, server.volatile)
    serves(under(server, LASTCALL_REQUESTS=limit))


@every_server
def test_streams_in_flight_are_answered_when_the_client_is_told(server, bare, under):
    plain = at_once(bare(server), paths(server))
    got = at_once(under(server, LASTCALL_REQUESTS=LIMIT), paths(server))
    laws.is_told_once(got)
    laws.is_as_bare(plain, got, server.volatile)


@every_server
def test_fewer_streams_than_the_limit_are_as_bare(server, bare, under):
    plain = one_by_one(bare(server), paths(server, LIMIT - 1))
    got = one_by_one(under(server, LASTCALL_REQUESTS=LIMIT), paths(server, LIMIT - 1))
    laws.is_not_told(got)
    laws.is_as_bare(plain, got, server.volatile)


@pytest.mark.parametrize("settings", [{"LASTCALL_REQUESTS": "off"},
                                      {"LASTCALL": "observe", "LASTCALL_REQUESTS": LIMIT}],
                         ids=["off", "observe"])
@every_server
def test_without_a_limit_or_observing_nothing_is_sent(server, settings, bare, under):
    plain = one_by_one(bare(server), paths(server))
    got = one_by_one(under(server, **settings), paths(server))
    laws.is_not_told(got)
    laws.is_as_bare(plain, got, server.volatile)


@every_server
def test_streams_that_come_byte_by_byte_are_counted(server, bare, under):
    """The preface too, where the bare server takes it in pieces."""
    begin = Client.send if server.whole_preface else Client.send_bytewise
    how = {"send": Client.send_bytewise, "begin": begin}
    plain = one_by_one(bare(server), paths(server), **how)
    got = one_by_one(under(server, LASTCALL_REQUESTS=LIMIT), paths(server), **how)
    laws.is_told_at(got, 2 * LIMIT - 1, before=2 * LIMIT - 3)
    laws.is_as_bare(plain, got, server.volatile)


# ---- Ways to come to HTTP/2 --------------------------------------------------------------------


def apart(prefix):
    return {"prefix": prefix}


def in_one_segment(prefix):
    return {"begin": lambda client, preface: client.send(prefix + preface)}


def behind_prefixes(predicate):
    """Each server with each PROXY header, in a segment of its own and not."""
    def on_all(function):
        placed = pytest.mark.parametrize("place", [apart, in_one_segment])
        headed = pytest.mark.parametrize("header", PREFIXES)
        return headed(placed(on_those(predicate)(function)))
    return on_all


def heads(server, header, place):
    if header in server.no_prefixes:
        pytest.skip(f"{server.name}, bare, does not take a PROXY header {header}")
    return place(PREFIXES[header])


@behind_prefixes(lambda server: server.behind_proxy and not server.proxy_unseen)
def test_streams_behind_a_proxy_header_are_counted(server, header, place, bare, under):
    how, behind = heads(server, header, place), server.behind_a_balancer()
    plain = one_by_one(bare(behind), paths(server), **how)
    got = one_by_one(under(behind, LASTCALL_REQUESTS=LIMIT), paths(server), **how)
    laws.is_told_at(got, 2 * LIMIT - 1, before=2 * LIMIT - 3)
    laws.is_as_bare(plain, got, server.volatile)


@behind_prefixes(lambda server: server.proxy_unseen)
def test_streams_behind_an_unseen_proxy_header_are_as_bare(server, header, place, bare, under):
    how, behind = heads(server, header, place), server.behind_a_balancer()
    plain = one_by_one(bare(behind), paths(server), **how)
    got = one_by_one(under(behind, LASTCALL_REQUESTS=LIMIT), paths(server), **how)
    laws.is_not_told(got)
    laws.is_as_bare(plain, got, server.volatile)


@on_those(lambda server: server.upgrades_h2c)
def test_the_upgraded_request_is_the_first_of_the_counted(server, bare, under):
    plain = one_by_one(bare(server), paths(server), upgrading=server.small)
    got = one_by_one(under(server, LASTCALL_REQUESTS=LIMIT), paths(server), upgrading=server.small)
    assert masked(got.switched) == masked(plain.switched)
    laws.is_told_at(got, 2 * LIMIT - 1, before=2 * LIMIT - 3)
    laws.is_as_bare(plain, got, server.volatile)


@on_those(lambda server: server.http1)
def test_http1_on_the_same_port_ends_as_ever(server, bare, under):
    script = requests(*[get(server.small)] * (LIMIT + 1))
    plain = talk(bare(server), script)
    ends_at(plain, talk(under(server, LASTCALL_REQUESTS=LIMIT), script), LIMIT,
            server.volatile | {b"upgrade"})
