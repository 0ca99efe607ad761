"""lastcall check --setup: all that has to be right around servers, seen from where they are.

The server is Python's, with the library in it; containers are pid namespaces, and a container's root is
one without CAP_SYS_PTRACE.
"""

import json
import os
import shutil
import subprocess
import sys
from contextlib import contextmanager

import pytest

from support.client import Client
from support.command_pages import Page, command, folder_in_memory, in_namespaces, secluded  # noqa: F401
from support.messages import get
from support.process import environment
from support.rights import AS_USER, GIVEN, SERVER, bounded

STOP = ["--grace", "45s", "--within", "25s"]


@pytest.fixture
def folder(library):
    """Open to every user, with the library in it."""
    with folder_in_memory(0o1777) as made:
        shutil.copy(library, made)
        yield made


@contextmanager
def serving(folder, settings=None, wrap=(), preload=True):
    """A server's process, and its port."""
    given = {"LASTCALL_STATUS": str(folder)} | (settings or {})
    given = environment(given, folder / "liblastcall.so" if preload else None)
    with subprocess.Popen([*map(str, wrap), sys.executable, "-c", SERVER], env=given, cwd=folder,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        try:
            yield server.pid, int(server.stdout.readline())
        finally:
            server.kill()


def points(done, *marks):
    """The texts of the points so marked."""
    assert done.stderr == "", done.stderr
    found = json.loads(done.stdout)
    assert found["failed"] == sum(point["mark"] == "failed" for point in found["points"])
    assert done.returncode == (1 if found["failed"] else 0)
    return [point["text"] for point in found["points"] if point["mark"] in marks]


def checked(command, *words, **more):
    return command("check", "--setup", "--json", *words, **more)


def trouble(done):
    [text] = points(done, "caution", "failed")
    return text


def test_where_all_is_right_every_line_is_ok(command, folder):
    with serving(folder) as (pid, port):
        done = command("check", "--setup", pid, *STOP)
    assert done.returncode == 0 and "0 cautions, 0 failed" in done.stdout, done.stdout
    assert f"process {pid}, port {port}: the library is loaded" in done.stdout
    assert f"`lastcall drain {pid}` would reach 1 server" in done.stdout


def test_what_may_fail_is_marked_with_what_to_do_and_where_to_read(command, folder):
    with serving(folder, preload=False) as (pid, _):
        done = command("check", "--setup", pid, *STOP)
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    for number, line in enumerate(lines):
        if line.startswith(("failed", "caution")):
            assert lines[number + 1].startswith("         > ")
            assert lines[number + 2].startswith("         > docs/troubleshooting.md#")


def test_nothing_is_steered_by_it(command, folder):
    with serving(folder) as (pid, port):
        with Client(port, patience=60) as client:
            assert client.exchange(get("/")).persists
            assert checked(command, pid, *STOP).returncode == 0
            assert client.exchange(get("/")).persists


@pytest.mark.parametrize("settings, said", [
    ({"LASTCALL_AGE": "old"}, 'LASTCALL_AGE="old" is bad'), ({"LASTCALL": "off"}, "switched off"),
    ({"LASTCALL_STATUS": "/nowhere"}, "/nowhere: No such file"), ({"LASTCALL_STATUS": "off"}, "no status page")])
def test_what_keeps_a_server_from_being_drained_is_a_failure(command, folder, settings, said):
    with serving(folder, settings) as (pid, _):
        told = points(checked(command, pid, *STOP), "failed")
    assert said in told[0] and f"`lastcall drain {pid}` would reach no server" in told[-1]


@pytest.mark.parametrize("settings, said", [
    ({"LASTCALL_REQUEST": "3"}, "did you mean LASTCALL_REQUESTS?"), ({"LASTCALL": "observe"}, "observes only")])
def test_what_it_works_with_all_the_same_is_a_caution(command, folder, settings, said):
    with serving(folder, settings) as (pid, _):
        done = checked(command, pid, *STOP)
    assert done.returncode == 0 and said in trouble(done)


def test_a_library_that_is_not_where_ld_preload_says_is_a_failure(command, folder):
    with serving(folder) as (pid, _):
        (folder / "liblastcall.so").unlink()
        done = checked(command, pid, *STOP)
    assert "No such file" in trouble(done) and done.returncode == 1


def test_the_time_of_a_stop_is_judged_and_unknown_if_not_told(command, folder):
    with serving(folder) as (pid, _):
        assert "is not known" in trouble(checked(command, pid))
        short = checked(command, pid, "--grace", "25s", "--within", "25s")
    assert short.returncode == 1 and "is killed in it" in trouble(short)


def test_tls_is_a_caution_once_it_was_seen(command, folder):
    with serving(folder) as (pid, port):
        with Client(port) as client:
            client.socket.sendall(b"\x16\x03\x01\x00\x05hello\r\n\r\n")
            client.socket.recv(1000)
        assert "1 of 1 connection spoke TLS" in trouble(checked(command, pid, *STOP))


# ---- By whom -----------------------------------------------------------------------------------


@pytest.fixture
def root():
    if os.geteuid() or not shutil.which("setpriv"):
        pytest.skip("needs root and setpriv")


@pytest.mark.parametrize("by", [bounded(*GIVEN), AS_USER])
def test_a_containers_root_and_the_servers_user_see_the_same(root, command, folder, by):
    with serving(folder, wrap=AS_USER) as (pid, port):
        done = checked(command, pid, *STOP, wrap=by)
        assert not points(done, "caution", "failed"), done.stdout
    assert any(f"port {port}: is active" in text for text in points(done, "ok"))


def test_another_user_is_told_what_is_closed_and_nothing_that_is_not_so(root, command, folder):
    with serving(folder, wrap=AS_USER) as (pid, _):
        done = checked(command, pid, *STOP, wrap=["setpriv", "--reuid=12399", "--clear-groups"])
    assert "cannot be seen" in points(done, "caution")[0]
    assert all("belongs to another user" in text for text in points(done, "caution", "failed"))


# ---- In a container ------------------------------------------------------------------------------

FIRST = """
import subprocess, sys
server = subprocess.Popen([sys.executable, "-c", sys.argv[1]], stdout=subprocess.PIPE)
server.stdout.readline()
done = subprocess.run(sys.argv[2:])
server.kill()
sys.exit(done.returncode)
"""


def test_in_a_container_process_1_is_meant(command, folder):
    given = {"LASTCALL_STATUS": str(folder), "LD_PRELOAD": str(folder / "liblastcall.so")}
    wrap = [*in_namespaces("-p", "-f", "--mount-proc", "--kill-child"), sys.executable, "-c", FIRST, SERVER]
    done = checked(command, *STOP, wrap=wrap, extra=given, cwd=folder)
    found = json.loads(done.stdout)
    assert done.returncode == 0 and (found["pid"], found["failed"]) == (1, 0), done.stdout
    assert "`lastcall drain 1` would reach 1 server" in done.stdout


def test_a_process_1_that_is_no_ancestor_is_told_with_whom_it_misses(command, folder, secluded):
    with Page(folder, wrap=secluded) as stray:
        stray.fill()
        done = checked(command, *STOP, wrap=secluded)
    told = points(done, "failed")
    assert done.returncode == 1 and any("(cat), which is no ancestor of python" in text for text in told)


def test_without_shell_or_library_it_answers(command, tmp_path):
    shutil.copy(command.program, tmp_path)
    (tmp_path / "proc").mkdir()
    enter = [*in_namespaces("-m", "-p", "-f"), "sh", "-c",
             f"mount -t proc none {tmp_path}/proc && exec chroot {tmp_path} /lastcall check --setup"]
    done = subprocess.run(enter, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1 and "no server was found below process 1 (lastcall)" in done.stdout


# ---- Words -------------------------------------------------------------------------------------


@pytest.mark.parametrize("words, said", [
    (["--setup", "1", "2"], "expected one PID"), (["--setup", "a/b"], "a/b"),
    (["--setup", "1", "--grace", "45"], '--grace "45"'), (["--json", "nginx"], "--json goes with --setup"),
    (["--grace", "45s", "1"], "--grace goes with --setup"), (["--setup", 2 ** 22 + 1], "there is no process")])
def test_bad_words_are_refused(command, words, said):
    done = command("check", *words)
    assert done.returncode == 2 and said in done.stderr and not done.stdout
