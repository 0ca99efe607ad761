"""HTTP/2 as the command tells and steers it, on real servers: who was told to go, and what then
became of the connection.
"""

import subprocess
from contextlib import contextmanager

import pytest

from h2 import laws
from h2.live import live_h2  # noqa: F401
from h2.parameters import on_named
from h2.peer import Peer
from h2.talk import asked, one_by_one
from support.command_pages import command  # noqa: F401
from support.live import grown
from support.process import accepts
from support.waiting import until

LIMIT = 3
KNOCK = 0.2  # between two connections that do nothing

two_servers = on_named("h2-nghttpd", "grpc-python")


def http2(served):
    """The server's numbers, its triggers by name."""
    [server] = served.status()
    numbers = dict(server["http2"])
    told = numbers.pop("told")
    return numbers | {f"told {trigger}": count for trigger, count in told.items()}


def happened(served, before):
    return {name: count for name, count in grown(before, http2(served)).items() if count}


def counts(served, before, **expected):
    """Whether this becomes all that has happened since: a client may have what it is told before the
    server has counted it."""
    expected = {name.replace("_by_", " "): count for name, count in expected.items()}
    return until(lambda: happened(served, before) == expected)


def told(served, server):
    peer = one_by_one(served.process, [server.small] * LIMIT)
    laws.is_told_once(peer)
    return peer


def knocked(served):
    """A connection that comes and goes, and with it calls of the server's."""
    accepts(served.port)
    until(lambda: False, KNOCK)
    return True


@two_servers
def test_a_client_that_was_told_and_left_is_counted(server, live_h2, command):
    served = live_h2(server, LASTCALL_REQUESTS=LIMIT)
    before = http2(served)
    with told(served, server) as peer:
        assert counts(served, before, connections=1, told_by_requests=1)
        peer.leave()
    assert counts(served, before, connections=1, told_by_requests=1, left=1)
    shown = command("status", served.pid).stdout
    assert "1  told to go (by requests 1, by age 0, by drain 0)" in shown
    assert "1  told, and then closed by the client" in shown


@two_servers
def test_a_connection_that_is_over_is_counted_by_its_streams(server, live_h2):
    served = live_h2(server)

    def ended():
        [shown] = served.status()
        return shown["ended"]["connections_up_to"] | {"sum": shown["ended"]["exchanges"]}
    before = ended()
    with one_by_one(served.process, [server.small] * LIMIT) as peer:
        peer.leave()
    served.settled()
    counted = {name: count for name, count in grown(before, ended()).items() if count}
    assert counted == {str(LIMIT): 1, "sum": LIMIT}


@two_servers
def test_a_client_that_was_told_and_stays_is_ended_and_counted(server, live_h2):
    served = live_h2(server, LASTCALL_REQUESTS=LIMIT)
    before = http2(served)
    with told(served, server) as peer:
        assert until(lambda: knocked(served) and peer.ended())
        peer.leave()
    served.settled()
    ended = happened(served, before)
    assert ended["finished"] == 1 and "left" not in ended


@two_servers
def test_a_client_that_goes_on_all_the_same_is_counted_once(server, live_h2):
    served = live_h2(server, LASTCALL_REQUESTS=LIMIT)
    before = http2(served)
    with told(served, server) as peer:
        assert until(lambda: asked(server, peer, server.small)
                     and happened(served, before).get("sent_on"))
        asked(server, peer, server.small)
        assert counts(served, before, connections=1, told_by_requests=1, sent_on=1)
        peer.leave()


@pytest.mark.parametrize("trigger, how", [
    ("requests", ("set", "requests=2")), ("age", ("set", "age=1ms")), ("drain", ("drain",))])
@two_servers
def test_what_is_set_tells_the_clients_that_are_there(server, trigger, how, live_h2):
    served = live_h2(server)
    before = http2(served)
    with Peer(served.port) as peer:
        asked(server, peer, server.small)
        served.tell(*how)
        assert until(lambda: asked(server, peer, server.small) and laws.told(peer))
        assert until(lambda: happened(served, before).get(f"told {trigger}") == 1)
        peer.leave()


@two_servers
def test_observing_tells_nobody_and_counts_whom_it_would(server, live_h2, command):
    served = live_h2(server, LASTCALL="observe", LASTCALL_REQUESTS=LIMIT)
    before, last = http2(served), served.numbers()["last requests"]
    with one_by_one(served.process, [server.small] * (2 * LIMIT + 1)) as peer:
        laws.is_not_told(peer)
        peer.leave()
    assert counts(served, before, connections=1)
    assert served.numbers()["last requests"] - last == 2
    shown = command("status", served.pid).stdout
    assert "only observed" in shown and "told" not in shown


@two_servers
def test_clients_that_were_only_observed_are_told_once_that_is_left(server, live_h2):
    served = live_h2(server, LASTCALL="observe", LASTCALL_REQUESTS=LIMIT)
    before = http2(served)
    with Peer(served.port) as peer:
        for _ in range(2 * LIMIT + 1):
            asked(server, peer, server.small)
        laws.is_not_told(peer)
        served.tell("set", "observe=off")
        for _ in range(LIMIT):
            asked(server, peer, server.small)
        assert until(lambda: laws.told(peer))
        assert counts(served, before, connections=1, told_by_requests=1)
        peer.leave()


@two_servers
def test_a_client_that_was_told_stays_told_when_observing_is_entered(server, live_h2):
    served = live_h2(server, LASTCALL_REQUESTS=LIMIT)
    before = http2(served)
    with told(served, server) as peer:
        served.tell("set", "observe=on")
        assert until(lambda: knocked(served) and peer.ended())
        peer.leave()
    served.settled()
    assert happened(served, before)["finished"] == 1
    with one_by_one(served.process, [server.small] * (2 * LIMIT)) as peer:
        laws.is_not_told(peer)
        peer.leave()


@two_servers
def test_the_metrics_are_the_numbers(server, live_h2):
    served = live_h2(server, LASTCALL_REQUESTS=LIMIT)
    with told(served, server) as peer:
        peer.leave()
    served.settled()
    numbers, metrics = http2(served), served.metrics()
    assert numbers["left"] == 1
    for name in ("connections", "finished", "left", "sent_on"):
        assert metrics[f"http2_{name}_total"] == numbers[name]
    for trigger in ("requests", "age", "drain"):
        assert metrics[f"http2_told_total {trigger}"] == numbers[f"told {trigger}"]


@two_servers
def test_a_process_is_said_to_speak_http2(server, live_h2, command):
    served = live_h2(server)
    done = command("check", served.pid)
    assert done.returncode == 0 and "of them HTTP/2 in clear text" in done.stdout


# ---- Draining ----------------------------------------------------------------------------------


@contextmanager
def draining(served, command):
    words = ["drain", str(served.pid), "--wait", "--within", "1h"]
    with subprocess.Popen([command.program, *words], stdout=subprocess.PIPE, text=True) as drain:
        try:
            yield drain
        finally:
            drain.kill()


def is_over(drain):
    return until(lambda: drain.poll() is not None)


@two_servers
def test_a_drain_waits_for_the_client_to_go(server, live_h2, command):
    served = live_h2(server)
    with Peer(served.port) as peer, draining(served, command) as drain:
        assert until(lambda: asked(server, peer, server.small) and laws.told(peer))
        assert drain.poll() is None
        peer.leave()
        assert is_over(drain) and drain.returncode == 0
        assert "no connection is open" in drain.stdout.read()


@two_servers
def test_a_drain_waits_for_a_client_that_goes_only_when_its_connection_is_ended(server, live_h2,
                                                                               command):
    """By calls that the server makes for others."""
    served = live_h2(server)
    with Peer(served.port) as peer, draining(served, command) as drain:
        assert until(lambda: asked(server, peer, server.small) and laws.told(peer))
        assert until(lambda: knocked(served) and peer.ended())
        assert drain.poll() is None
        peer.leave()
        assert is_over(drain) and drain.returncode == 0
        assert "no connection is open" in drain.stdout.read()
