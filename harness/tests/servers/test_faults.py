"""Calls that fail as a kernel may let them, at every call site: short counts, full sockets,
interrupts, resets, no memory, questions refused. No byte is lost, doubled or out of order, and
what the server is told stays its own.

Knows three accounts of one conversation: what the client got, what the host was told (its trace),
and what the kernel took (the layer's ledger).
"""

import re
from itertools import count

import pytest

from hosts import building, faults
from hosts.doubt import in_doubt, is_exact_or_untouched
from hosts.running import Host, is_exact, one_by_one, paths, run
from support import http_message
from support.client import FIN, OPEN, Client

SENDS = ["write", "writev", "writev30", "send", "sendto", "sendmsg", "sendmmsg", "sendfile",
         "sendfile64", "splice", "linewise", "head-then-body", "msg_more", "syscall",
         "syscall-sendto"]
RECEIVES = ["read", "readv", "recv", "recvfrom", "recvmsg", "recvmmsg", "peek-then-recv", "syscall",
            "one-byte"]
GENTLE = [("short", []), ("interrupt", []), ("short", ["--nonblocking"]),
          ("again", ["--nonblocking"])]
TWO = paths("/1", "/size/200")
MOST = 1500
CLOSE = b"Connection: close\r\n"

gently = pytest.mark.parametrize("kind, mode", GENTLE, ids=[
    "short", "interrupted", "short, nonblocking", "full, nonblocking"])


def bare_said(options, requests=tuple(TWO)):
    return run(options, one_by_one(requests)).said


class Walk:
    """Connections to one host, the n-th of which fails in its n-th call, until one meets none."""

    def __init__(self, library, options, kind, tmp_path, schedule=faults.walk):
        self.ledger = tmp_path / "ledger"
        self.host = Host(*options, library=faults.behind(library), connections=MOST,
                         settings={"LASTCALL_REQUESTS": 2, **schedule(self.ledger, kind)})

    def __enter__(self):
        self.host.__enter__()
        return self

    def __exit__(self, *what):
        self.host.__exit__(*what)

    def each(self, talk):
        """What was said on each connection that met its fault."""
        for number in range(MOST - 1):
            said = talk(self.host.port)
            moved = faults.Ledger(self.ledger).connections[number]
            if not moved.faults:
                return
            yield said, moved
        raise AssertionError("the walk did not end")


# ---- What a server goes on after ---------------------------------------------------------------


def walks_exactly(library, options, kind, tmp_path):
    bare = bare_said(options)
    asked = sum(map(len, TWO))
    with Walk(library, options, kind, tmp_path) as walk:
        met = 0
        for said, moved in walk.each(one_by_one(TWO, last=True)):
            met += 1
            is_exact(bare, said)
            assert moved.sent == sum(len(response.wire) for response in said.responses)
            assert moved.received == asked
        assert walk.host.popen.poll() is None
        assert len(walk.host.requests()) == 2 * (met + 1)
    return met


@gently
@pytest.mark.parametrize("way", SENDS)
def test_any_one_call_of_a_connection_may_fail_on_the_way_out(library, way, kind, mode, tmp_path):
    assert walks_exactly(library, [f"--send={way}", *mode], kind, tmp_path) >= 2


@gently
@pytest.mark.parametrize("way", RECEIVES)
def test_any_one_call_of_a_connection_may_fail_on_the_way_in(library, way, kind, mode, tmp_path):
    least = 1 if way == "one-byte" and kind == "short" else 2
    assert walks_exactly(library, [f"--receive={way}", *mode], kind, tmp_path) >= least


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("mode", [[], ["--nonblocking"]], ids=["blocking", "nonblocking"])
def test_calls_that_fail_at_random_lose_no_byte(library, seed, mode, tmp_path):
    """Every other call, on ways that differ with the seed; a failure is repeated by its seed."""
    options = [f"--send={SENDS[seed % len(SENDS)]}", *mode,
               f"--receive={RECEIVES[seed % len(RECEIVES)]}"]
    requests = paths("/padded/20", "/size/9000", "/1", "/padded/30")
    settings = faults.random(tmp_path / "ledger", "short,again,interrupt", seed, 50)
    kept = run(options, one_by_one(requests, last=True), faults.behind(library),
               {"LASTCALL_REQUESTS": len(requests), **settings})
    is_exact(bare_said(options, requests), kept.said)
    ledger = faults.Ledger(tmp_path / "ledger")
    assert sum(ledger.faults.values()) >= 3
    assert ledger.connections[0].sent == sum(len(one.wire) for one in kept.said.responses)
    assert (kept.status, kept.stderr) == (0, b"")


# ---- What ends a connection --------------------------------------------------------------------


def whatever_comes(port):
    """Two requests; all bytes that came, however it ended."""
    with Client(port) as client:
        try:
            for one in TWO:
                client.exchange(one)
            assert client.ending() == FIN
        except http_message.Incomplete:
            assert client.ended != OPEN
        ends = (b"<FIN>", b"<RST>")
        return b"".join(data for way, data in client.log if way == "<" and data not in ends)


def accepted_by_connection(trace):
    """What the host was told, summed by connection."""
    sums = []
    for line in trace:
        if line.startswith("accepted "):
            sums.append(0)
        elif told := re.fullmatch(r"(?:send|writev|sendmsg|sendfile|splice) (\d+)", line):
            sums[-1] += int(told[1])
    return sums


def fails_for_good(library, way, kind, tmp_path, schedule=faults.walk):
    """What the client got of each connection."""
    options = [f"--send={way}"]
    bare = b"".join(response.wire for response in bare_said(options).responses)
    whole = run(options, one_by_one(TWO, last=True), library, {"LASTCALL_REQUESTS": 2}).said
    edited = b"".join(response.wire for response in whole.responses)
    with Walk(library, options, kind, tmp_path, schedule) as walk:
        got = [(said, moved.sent) for said, moved in walk.each(whatever_comes)]
        accepted = accepted_by_connection(walk.host.trace())
        assert walk.host.popen.poll() is None
    assert len(got) >= 2
    for (said, sent), told in zip(got, accepted):
        # Bytes held back leave before the close as the server wrote them.
        assert edited.startswith(said) or edited.replace(CLOSE, b"").startswith(said)
        assert len(said) == sent
        # All was accepted if and only if all was sent; before the last head they are the same.
        assert (told == len(bare)) == (said == edited)
        assert told == sent or sent > len(whole.responses[0].wire)
    return [said for said, _ in got], edited


@pytest.mark.parametrize("kind", ["reset", "nobufs"])
@pytest.mark.parametrize("way", ["write", "writev", "sendmsg", "sendfile", "splice", "linewise",
                                 "bytewise", "head-then-body"])
def test_a_connection_that_fails_for_good_got_a_beginning_of_its_bytes(library, way, kind, tmp_path):
    fails_for_good(library, way, kind, tmp_path)


@pytest.mark.parametrize("way", ["write", "sendmsg", "linewise", "bytewise"])
def test_a_close_with_half_of_our_option_sent_adds_nothing_to_it(library, way, tmp_path):
    """The kernel takes a part of what we insert, then nothing more, and the server closes: the
    other part belongs to a byte that the server never got accepted."""
    halves = set()
    for seed in range(8):
        (tmp_path / "ledger").unlink(missing_ok=True)
        got, edited = fails_for_good(library, way, "short,nobufs", tmp_path,
                                     lambda ledger, kinds: faults.walk_of_two(ledger, kinds, seed))
        start = edited.rindex(CLOSE)
        halves |= {len(said) - start for said in got if start < len(said) < start + len(CLOSE)}
    assert halves


# ---- What the library asks on its own account --------------------------------------------------


@pytest.mark.parametrize("seed", range(16))
@pytest.mark.parametrize("mode", [[], ["--nonblocking"]], ids=["blocking", "nonblocking"])
def test_a_kernel_that_refuses_to_answer_us_makes_us_stay_out(library, seed, mode, tmp_path):
    """Socket options, queue sizes, memory, our own half-close: any of them may be refused."""
    requests = paths("/1", "/2", "/3", "/4")
    bare = run(mode, one_by_one(requests), connections=1).said.responses
    settings = faults.random(tmp_path / "ledger", "refuse,nomem", seed, (15, 40, 70, 100)[seed % 4])
    with Host(*mode, library=faults.behind(library), connections=6,
              settings={"LASTCALL_REQUESTS": 3, "LASTCALL_PORTS": "1-65535", **settings}) as host:
        for _ in range(6):
            is_exact_or_untouched(bare, in_doubt(requests)(host.port), 3)
        assert (host.finish(), host.stderr()) == (0, b"")
    assert sum(faults.Ledger(tmp_path / "ledger").faults.values()) > 0


# ---- Every call site ---------------------------------------------------------------------------


EACH = 12  # connections: every site is met several times over


def seen(library, ledger, seed, *options, program=None):
    settings = faults.random(ledger, "short,again,interrupt,refuse,nomem", seed, 20)
    with Host(*options, library=faults.behind(library), program=program, connections=EACH,
              settings={"LASTCALL_REQUESTS": 2, "LASTCALL_PORTS": "1-65535", **settings}) as host:
        for _ in range(EACH):
            in_doubt(paths("/1", "/2", "/3"))(host.port)
        assert (host.finish(), host.stderr()) == (0, b"")
    return faults.Ledger(ledger)


def test_every_call_site_has_met_a_fault(library, tmp_path):
    """The union over hosts that between them make every call."""
    seeds = count()
    fortified = building.fortified_host(2)
    met, sites = set(), set()
    receives = [*RECEIVES, "read_chk", "recv_chk", "recvfrom_chk"]
    for option in [f"--send={way}" for way in SENDS] + [f"--receive={way}" for way in receives]:
        seed = next(seeds)
        accept = "--accept=accept4" if seed % 2 else "--accept=accept"
        program = fortified if option.endswith("_chk") else None
        ledger = seen(library, tmp_path / "ledger", seed, option, accept, program=program)
        (tmp_path / "ledger").unlink()
        sites |= set(ledger.calls)
        met |= {site for site, number in ledger.faults.items() if number}
    assert sites - met == set()
