"""Settings as the process meets them: the switch, two copies of the library, and a bad value, which
is said once, on a standard error that is still the one the process was started with, or nowhere.

Knows how a process can lose its descriptor 2. The forms of the values are tested with the settings.
"""

import os
import shutil
import socket
import subprocess

import pytest

from hosts import building
from hosts.running import Host, exact, is_exact, one_by_one, paths, run, texts
from support.client import FIN
from support.process import environment

BAD = {"LASTCALL_REQUESTS": "many"}
FOUR = paths("/1", "/2", "/3", "/4")


def wire(said):
    return [response.wire for response in said.responses]


def bare_wire():
    return wire(run([], one_by_one(FOUR)).said)


def only_one_line(stderr):
    lines = stderr.decode().splitlines()
    return len(lines) == 1 and "LASTCALL_REQUESTS" in lines[0] and "many" in lines[0]


# ---- The switch --------------------------------------------------------------------------------


def test_without_the_switch_the_library_acts(library):
    exact(library, 2)


def test_switched_on_the_library_acts(library):
    bare = run([], one_by_one(paths("/1"))).said
    kept = run([], one_by_one(paths("/1"), last=True), library,
               {"LASTCALL": "on", "LASTCALL_REQUESTS": 1})
    is_exact(bare, kept.said)
    assert kept.stderr == b""


@pytest.mark.parametrize("settings", [{"LASTCALL_REQUESTS": 1}, BAD, {}])
def test_switched_off_the_library_does_nothing(library, settings):
    bare = run([], one_by_one(FOUR))
    kept = run([], one_by_one(FOUR), library, {"LASTCALL": "off", **settings})
    assert wire(kept.said) == wire(bare.said)
    assert (kept.trace, kept.status, kept.stderr) == (bare.trace, 0, b"")


def test_by_default_no_connection_ends_within_a_few_requests(library):
    kept = run([], one_by_one(FOUR), library)
    assert wire(kept.said) == bare_wire()


# ---- Ports ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("libc", ["glibc", "musl"])
def test_only_connections_to_the_ports_named_are_followed(library, libc):
    def wires(ports, last):
        settings = {"LASTCALL_REQUESTS": 4, "LASTCALL_PORTS": ports}
        return run([], one_by_one(FOUR, last), library, settings, libc=libc)
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        left_alone = wires(f"{port}", last=False)
    assert wire(left_alone.said) == bare_wire()
    is_exact(run([], one_by_one(FOUR), libc=libc).said, wires("1-65535", last=True).said)


# ---- Copies ------------------------------------------------------------------------------------


@pytest.mark.parametrize("limit", [1, 2])
def test_two_copies_of_the_library_edit_once(library, tmp_path, limit):
    copy = tmp_path / "another-name.so"
    shutil.copy(library, copy)
    exact(f"{library}:{copy}", limit)


def test_the_same_library_named_twice_edits_once(library):
    exact(f"{library}:{library}", 2)


# ---- A bad value -------------------------------------------------------------------------------


def test_a_bad_value_is_said_once_and_the_server_runs_as_bare(library):
    kept = run([], one_by_one(FOUR), library, BAD)
    assert wire(kept.said) == bare_wire()
    assert only_one_line(kept.stderr), kept.stderr
    assert kept.status == 0


@pytest.mark.parametrize("option", ["--pass=fresh", "--inetd=fresh"])
def test_processes_that_do_not_listen_do_not_repeat_it(library, option):
    kept = run([option], one_by_one(FOUR), library, BAD)
    assert wire(kept.said) == bare_wire()
    assert only_one_line(kept.stderr), kept.stderr


def test_children_of_the_server_do_not_repeat_it(library):
    requests = paths("/child/vfork/close", "/child/spawn/close", "/child/fork/close", "/cgi/exec")
    bare = run([], one_by_one(requests))
    kept = run([], one_by_one(requests), library, BAD)
    assert wire(kept.said) == wire(bare.said)
    assert only_one_line(kept.stderr), kept.stderr


def test_a_process_that_never_listens_says_nothing(library):
    done = subprocess.run(["/bin/sh", "-c", "/bin/echo quiet; exec /bin/true"], timeout=20,
                          env=environment({}, library, texts(BAD)), capture_output=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"quiet\n", b"")


def test_a_standard_error_replaced_before_listening_is_not_written_to(library):
    with Host("--stderr=./replaced", library=library, settings=BAD) as host:
        said = one_by_one(FOUR)(host.port)
        assert host.finish() == 0
        assert host.stderr() == b""
        assert (host.path / "replaced").read_bytes() == b""
    assert wire(said) == bare_wire()


def without_descriptor_2(*arguments, **more):
    return subprocess.Popen(*arguments, **more, preexec_fn=lambda: os.close(2))


def test_a_listener_on_descriptor_2_is_not_written_to(library):
    with Host(library=library, settings=BAD, start=without_descriptor_2) as host:
        said = one_by_one(FOUR)(host.port)
        assert host.finish() == 0
    assert wire(said) == bare_wire()


@pytest.mark.parametrize("accept", ["accept", "accept4", "syscall"])
def test_a_client_on_descriptor_2_gets_its_bytes_alone(library, accept):
    """The listener is inherited, so the first thing to get the number is a connection."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        with Host(f"--listener={listener.fileno()}", f"--accept={accept}", library=library,
                  settings=BAD, start=without_descriptor_2, pass_fds=[listener.fileno()]) as host:
            said = one_by_one(FOUR)(host.port)
            assert host.finish() == 0
            assert "accepted 2" in host.trace()
    assert wire(said) == bare_wire()


@pytest.mark.parametrize("accept", ["accept", "accept4", "syscall"])
def test_a_client_on_the_number_of_a_closed_standard_error_gets_its_bytes_alone(library, accept):
    """It was a file before main, and the server closes it before it accepts."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        with Host(f"--listener={listener.fileno()}", f"--accept={accept}", "--no-stderr",
                  library=library, settings=BAD, pass_fds=[listener.fileno()]) as host:
            said = one_by_one(FOUR)(host.port)
            assert host.finish() == 0
            assert "accepted 2" in host.trace()
            assert host.stderr() == b""
    assert wire(said) == bare_wire()


@pytest.mark.parametrize("limit", [1, 2])
def test_a_connection_on_descriptor_2_is_followed_as_any(library, limit):
    requests = FOUR[:limit]
    bare = run([], one_by_one(requests)).said
    with socket.create_server(("127.0.0.1", 0)) as listener:
        with Host(f"--listener={listener.fileno()}", library=library, pass_fds=[listener.fileno()],
                  settings={"LASTCALL_REQUESTS": limit}, start=without_descriptor_2) as host:
            said = one_by_one(requests, last=True)(host.port)
            assert host.finish() == 0
    is_exact(bare, said)
    assert said.ended == FIN


def test_a_standard_error_that_is_a_tcp_socket_is_not_written_to(library):
    """inetd gives the connection as descriptor 2 too."""
    with socket.create_server(("127.0.0.1", 0)) as server, \
            socket.create_connection(server.getsockname()) as near, server.accept()[0] as far:
        far.settimeout(20)

        def start(*arguments, **more):
            more["stderr"] = near
            return subprocess.Popen(*arguments, **more)

        with Host(library=library, settings=BAD, start=start) as host:
            said = one_by_one(FOUR)(host.port)
            assert host.finish() == 0
        near.close()
        assert far.recv(1000) == b""
    assert wire(said) == bare_wire()


def test_a_musl_process_says_a_bad_value_alike(library):
    kept = run([], one_by_one(FOUR), library, BAD, libc="musl")
    assert wire(kept.said) == bare_wire()
    assert only_one_line(kept.stderr), kept.stderr


def test_an_inherited_listener_is_enough_to_be_told(library):
    """A process that only accepts is a server too."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        with Host(f"--listener={listener.fileno()}", library=library, settings=BAD,
                  pass_fds=[listener.fileno()]) as host:
            one_by_one(FOUR)(host.port)
            assert host.finish() == 0
            assert only_one_line(host.stderr()), host.stderr()


def test_hosts_are_compared_by_their_own_compiler():
    assert building.host("glibc") != building.host("musl")
