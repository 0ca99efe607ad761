"""The command as a container's root is: without CAP_SYS_PTRACE, which a runtime does not give, and so
without a look into processes of other users, as which images run that start as root and drop that.

The pages are made by hand, by processes of another user; a server with the library closes the file.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from support.client import Client
from support.command_pages import Page, command, folder_in_memory, start_of  # noqa: F401
from support.messages import get
from support.process import environment
from support.rights import AS_USER, GIVEN, GROUP, SERVER, USER, bounded

@pytest.fixture(autouse=True)
def rights():
    if os.geteuid() != 0 or not shutil.which("setpriv"):
        pytest.skip("needs root and setpriv")


@pytest.fixture
def folder():
    with folder_in_memory(0o1777) as made:
        yield made


@pytest.fixture
def asked(command):
    """asked(words...): by a container's root."""
    return lambda *words, **more: command(*words, wrap=bounded(*GIVEN), **more)


@pytest.fixture
def theirs(folder):
    """A page of another user, who exec'ed as gosu does."""
    with Page(folder, wrap=AS_USER) as made:
        yield made.fill()


# A server that drops root and execs nothing is closed even to its own user.
CLOSED = f"os.setgroups([]); os.setgid({GROUP}); os.setuid({USER})"


@pytest.fixture
def closed(folder):
    with Page(folder, then=CLOSED) as made:
        yield made.fill()


# ---- Pages of processes that dropped root -----------------------------------------------------


def test_a_drain_reaches_a_server_of_another_user(asked, theirs):
    theirs.count(open=1, connections=1)
    done = asked("drain", theirs.pid, "--over", "1ms", "--wait")
    assert "1 connection still open" in done.stdout, done.stderr
    assert theirs.word("drain_start") and done.stderr == ""


def test_limits_of_a_server_of_another_user_are_set(asked, theirs):
    done = asked("set", theirs.pid, "requests=7")
    assert done.returncode == 0, done.stderr
    assert theirs.word("requests") == 7


@pytest.mark.parametrize("operand", ["pid", "folder"])
def test_a_server_of_another_user_is_shown(asked, theirs, folder, operand):
    theirs.count(open=3)
    done = asked("status", {"pid": theirs.pid, "folder": folder}[operand], "--json")
    assert done.returncode == 0, done.stderr
    [server] = json.loads(done.stdout)["servers"]
    assert (server["pid"], server["open"]) == (theirs.pid, 3)
    assert server["server"].startswith("python3")


def test_a_stale_page_of_another_user_is_known_as_one(asked, folder):
    with Page(folder, wrap=AS_USER) as gone:
        gone.fill()
    [server] = json.loads(asked("status", folder, "--json").stdout)["servers"]
    assert server["stale"]


def test_a_server_that_dropped_root_without_an_exec_is_found_by_its_page(asked, closed, folder):
    closed.count(open=1, connections=1)
    done = asked("drain", closed.pid, "--over", "1ms", "--wait",
                 extra={"LASTCALL_STATUS": str(folder)})
    assert "1 connection still open" in done.stdout, done.stderr
    assert closed.word("drain_start")


def test_workers_that_dropped_root_are_waited_for(asked, folder):
    """As nginx's: the master's page is to be seen, and not that they map it."""
    forked = f"if not os.fork(): {CLOSED}; sys.stdin.read(); os._exit(0)"
    with Page(folder, wrap=bounded(*GIVEN), then=forked) as master:
        master.fill()
        children = Path(f"/proc/{master.pid}/task/{master.pid}/children")
        [worker] = map(int, children.read_text().split())
        master.worker(1, worker, start_of(worker), open=2)
        done = asked("drain", master.pid, "--over", "1ms", "--wait")
    assert "2 connections still open" in done.stdout, done.stderr


def test_what_is_missing_is_named(asked, closed):
    for words in [("drain", closed.pid), ("set", closed.pid, "requests=5"), ("check", closed.pid)]:
        done = asked(*words)
        assert done.returncode == 1 and "CAP_SYS_PTRACE" in done.stderr, (words, done.stderr)
        assert "ask as root" not in done.stderr


def test_a_user_who_may_not_become_another_is_told_to_ask_as_root(command, theirs):
    done = command("drain", theirs.pid, wrap=["setpriv", "--reuid=12399", "--clear-groups"])
    assert done.returncode == 1 and "ask as root" in done.stderr


# ---- A server with the library ------------------------------------------------------------------

def droppers():
    return {"setpriv": ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"],
            "gosu": ["gosu", "nobody:nogroup"]}


@pytest.mark.parametrize("by", droppers())
def test_an_image_that_starts_as_root_and_drops_it_is_drained_by_its_hook(library, asked, folder, by):
    words = droppers()[by]
    if not shutil.which(words[0]):
        pytest.skip(f"install {words[0]}")
    built = folder / library.name  # the tests' own folder may be closed to others
    shutil.copy(library, built)
    given = environment({"LASTCALL_STATUS": str(folder)}, built)
    with subprocess.Popen([*words, sys.executable, "-c", SERVER], env=given, cwd=folder,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        try:
            with Client(int(server.stdout.readline())) as client:
                assert client.exchange(get("/")).persists
                shown = asked("check", server.pid)
                assert shown.returncode == 0 and "is active: 1 connection open" in shown.stdout
                done = asked("drain", server.pid)
                assert done.returncode == 0, done.stderr
                assert not client.exchange(get("/")).persists
        finally:
            server.kill()
