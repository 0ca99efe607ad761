"""A connection begins with any accept, lives on every duplicate, and ends with any close: the next
one on the same number starts anew.

Knows the calls by the names the host gives them.
"""

import json
import resource
import socket
import threading

import pytest

from hosts.running import LIMITS, Host, exact, is_exact, one_by_one, paths, run, untouched
from support import laws
from support.client import FIN
from support.command_pages import command  # noqa: F401

ACCEPTS = ["accept", "accept4", "syscall", "syscall-accept"]
CLOSES = ["close", "syscall", "syscall-close_range", "raw", "dup2", "dup3", "syscall-dup3",
          "syscall-dup2", "__close", "__dup2", "close_range", "closefrom"]
STDIO_CLOSES = ["fclose", "freopen", "freopen64"]
DUPLICATES = ["dup", "dup2", "dup3", "fcntl", "fcntl-cloexec", "fcntl64", "syscall-dup",
              "syscall-fcntl", "__fcntl", "__dup2"]
MUSL = {"close": ["close", "syscall", "dup2", "posix_close", "fclose"],
        "dup": ["dup", "dup2", "dup3", "fcntl", "fcntl-cloexec"]}


def several(count, limit, last):
    """Connections one after the other, each of `limit` exchanges."""
    requests = paths(*(f"/{number}" for number in range(1, limit + 1)))
    return lambda port: [one_by_one(requests, last)(port) for _ in range(count)]


def each_exact(library, limit, options, count=4, **more):
    bare = run(options, several(count, limit, False), connections=count, **more)
    kept = run(options, several(count, limit, True), library, {"LASTCALL_REQUESTS": limit},
               connections=count, **more)
    for expected, got in zip(bare.said, kept.said, strict=True):
        is_exact(expected, got)
    assert (kept.status, kept.stderr) == (0, b"")
    assert kept.trace == bare.trace


@pytest.mark.parametrize("way", ACCEPTS)
@pytest.mark.parametrize("limit", LIMITS)
def test_every_accept_begins_a_connection(library, way, limit):
    each_exact(library, limit, [f"--accept={way}"])


def test_a_connection_accepted_unseen_is_left_alone(library):
    untouched(library, 1, ["--accept=raw"])


@pytest.mark.parametrize("way", CLOSES + STDIO_CLOSES)
@pytest.mark.parametrize("limit", (1, 2))
def test_after_every_close_the_number_starts_anew(library, way, limit):
    each_exact(library, limit, [f"--close={way}"])


@pytest.mark.parametrize("way", CLOSES)
def test_a_number_closed_in_mid_count_starts_anew(library, way):
    """The first connections leave after one exchange of two: their count is not inherited."""
    def talk(last):
        short = one_by_one(paths("/1"))
        whole = one_by_one(paths("/1", "/2"), last)
        return lambda port: [short(port), short(port), whole(port), short(port), whole(port)]

    options = [f"--close={way}"]
    bare = run(options, talk(False), connections=5)
    kept = run(options, talk(True), library, {"LASTCALL_REQUESTS": 2}, connections=5)
    for number in (0, 1, 3):
        assert kept.said[number].responses[0].wire == bare.said[number].responses[0].wire
    for number in (2, 4):
        is_exact(bare.said[number], kept.said[number])
    assert kept.trace == bare.trace


@pytest.mark.parametrize("way", DUPLICATES)
@pytest.mark.parametrize("limit", LIMITS)
def test_reading_on_one_number_and_writing_on_its_duplicate_is_one_connection(library, way, limit):
    each_exact(library, limit, [f"--dup={way}"], count=2)


@pytest.mark.parametrize("option, way", [(option, way) for option, ways in MUSL.items()
                                         for way in ways])
def test_numbers_come_and_go_alike_in_a_musl_process(library, option, way):
    each_exact(library, 2, [f"--{option}={way}"], libc="musl")


MOST = 1 << 20  # descriptors, where the kernel's default ceiling stands
HIGHEST = resource.getrlimit(resource.RLIMIT_NOFILE)[1] - 100


@pytest.mark.parametrize("number", [min(HIGHEST, 15_000), 100_000, MOST - 100])
def test_a_connection_on_a_high_number_is_followed(library, number):
    _, kept = exact(library, 2, [f"--high={number}"], same_trace=False)
    grown = int(next(line for line in kept.trace if line.startswith("grown ")).split()[1])
    assert grown < 1024, "resident memory grew by more than 1 MiB"


SWEEPS = ["each", "syscall", "close_range", "cloexec", "closefrom"]


@pytest.mark.parametrize("sweep", SWEEPS)
@pytest.mark.parametrize("limit", LIMITS)
def test_a_server_that_sweeps_up_closes_nothing_of_ours(library, command, tmp_path, sweep,  # noqa: F811
                                                        limit):
    """We have no descriptor there: connections end exactly, and the status page goes on."""
    requests = paths(*[f"/sweep/{sweep}"] * limit)
    bare = run([], one_by_one(requests))
    with Host(library=library, connections=2, settings={
            "LASTCALL_REQUESTS": limit, "LASTCALL_STATUS": tmp_path}) as host:
        said = one_by_one(requests, last=True)(host.port)
        done = command("status", host.popen.pid, "--json")
        page, = json.loads(done.stdout)["servers"]
        is_exact(bare.said, said)
        is_exact(bare.said, one_by_one(requests, last=True)(host.port))
        assert host.finish() == 0
        assert host.trace()[:limit] == bare.trace[:limit]
    assert page["last_exchanges"]["requests"] == 1


def test_connections_served_by_threads_end_exactly_each(library):
    count, limit = 16, 3
    requests = paths(*(f"/{number}" for number in range(1, limit + 1)))
    bare = run(["--threads"], one_by_one(requests)).said
    said = []
    with Host("--threads", library=library, connections=count,
              settings={"LASTCALL_REQUESTS": limit}) as host:
        clients = [threading.Thread(target=lambda: said.append(
            one_by_one(requests, last=True)(host.port))) for _ in range(count)]
        for client in clients:
            client.start()
        for client in clients:
            client.join()
        assert host.finish() == 0
        assert host.stderr() == b""
    assert len(said) == count
    for got in said:
        is_exact(bare, got)


@pytest.mark.parametrize("limit", LIMITS)
@pytest.mark.parametrize("options", [["--nonblocking"], ["--nonblocking", "--short-is-drained"]],
                         ids=["until-EAGAIN", "until-a-short-read"])
def test_edge_triggered_connections_end_exactly(library, options, limit):
    each_exact(library, limit, options)


def test_a_server_that_closes_by_itself_is_not_hurried(library):
    exact(library, 2, [], paths("/1", "/close"))


def test_a_connection_over_af_unix_is_left_alone(library):
    def talk(path):
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(20)
            client.connect(path)
            client.sendall(b"".join(paths("/1", "/2", "/close")))
            return b"".join(iter(lambda: client.recv(65536), b""))

    def run_unix(**more):
        with Host("--unix=./socket", **more) as host:
            said = talk(str(host.path / "socket"))
            return said, host.finish(), host.trace(), host.stderr()

    bare = run_unix()
    assert bare[0].count(b"200 OK") == 3
    assert run_unix(library=library, settings={"LASTCALL_REQUESTS": 1}) == bare


def test_laws_notice_an_unedited_response():
    """The comparison itself can fail."""
    bare = run([], one_by_one(paths("/1"))).said
    assert bare.ended != FIN
    with pytest.raises(AssertionError):
        laws.is_last(bare.responses[0], bare.responses[0])
