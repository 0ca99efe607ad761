"""lastcall set and lastcall drain: what they write into a page, and in which order they refuse."""

import itertools
import json
import os
import shutil
import struct
import subprocess
import time

import pytest

from support.command_pages import SIZE, VERSION, WORKERS, Page, command, in_namespaces, page  # noqa: F401
from support.waiting import until


CLOCK_MONOTONIC_COARSE = 6  # the page's (time.h)


def moment():
    return time.clock_gettime_ns(CLOCK_MONOTONIC_COARSE) // 1_000_000


# ---- set ---------------------------------------------------------------------------------------


def test_limits_are_written_and_read_back(command, page):
    done = command("set", page.pid, "requests=50", "age=90s", "jitter=10%", "rate=5/s")
    assert done.returncode == 0, done.stderr
    written = [page.word(name) for name in ("requests", "age", "jitter", "rate")]
    assert written == [50, 90_000, 10, 5]
    for line in ["requests 1000 -> 50", "age off -> 90s", "jitter 0% -> 10%", "rate off -> 5/s"]:
        assert line in done.stdout


def test_off_is_no_limit(command, page):
    assert "requests 1000 -> off" in command("set", page.pid, "requests=off").stdout
    assert page.word("requests") == 0


@pytest.mark.parametrize("bad, named", [
    (["requests=0"], "requests \"0\": expected a whole number from 1"),
    (["age=90"], "age \"90\""), (["jitter=10"], "jitter \"10\""), (["rate=5"], "rate \"5\""),
    (["requests"], "expected KEY=VALUE"), (["request=5"], "did you mean requests?"),
    (["observe=1"], "observe \"1\": expected on or off"), (["mode=off"], "there are requests, age,"),
    (["ports=80"], "ports cannot be changed"), ([], "at least one KEY=VALUE")])
def test_a_bad_value_changes_nothing(command, page, bad, named):
    done = command("set", page.pid, *bad, *(["age=5s"] if bad else []))
    assert done.returncode == 2 and named in done.stderr
    assert page.word("requests") == 1000 and page.word("age") == 0


def test_observing_is_left_and_entered(command, page):
    page.set(observe=1)
    done = command("set", page.pid, "observe=off", "requests=5")
    assert done.returncode == 0 and "observe on -> off" in done.stdout
    assert (page.word("observe"), page.word("requests")) == (0, 5)
    assert "observe off -> on" in command("set", page.pid, "observe=on").stdout
    assert page.word("observe") == 1


def test_a_worker_steers_its_server(command, page, tmp_path):
    with Page(tmp_path, page.path) as worker:
        assert command("set", worker.pid, "requests=7").returncode == 0
    assert page.word("requests") == 7


def test_all_pages_of_a_family_are_set(command, tmp_path):
    """Workers that were exec'ed, as Node's, have pages of their own."""
    with Page(tmp_path) as first, Page(tmp_path) as second:
        first.fill(), second.fill()
        assert command("set", os.getpid(), "requests=7").returncode == 0
        assert (first.word("requests"), second.word("requests")) == (7, 7)


# ---- drain -------------------------------------------------------------------------------------


def test_a_drain_starts_now_and_takes_as_long_as_asked(command, page):
    before = moment()
    done = command("drain", page.pid, "--over", "20s")
    assert done.returncode == 0 and "drains over 20s" in done.stdout
    assert before <= page.word("drain_start") <= moment()
    assert page.word("drain_ramp") == 20_000
    assert "of the requests are picked" in command("status", page.pid).stdout


def test_without_a_duration_all_is_drained_at_once(command, page):
    page.set(drain_ramp=5000)
    assert command("drain", page.pid).returncode == 0
    assert page.word("drain_start") != 0 and page.word("drain_ramp") == 0
    assert "100%" in command("status", page.pid).stdout


def test_a_drain_is_cancelled(command, page):
    command("drain", page.pid, "--over", "20s")
    done = command("drain", page.pid, "--cancel")
    assert done.returncode == 0 and "the drain is ended" in done.stdout
    assert page.word("drain_start") == 0


@pytest.mark.parametrize("observe", [0, 1])
def test_a_drain_that_was_none_is_not_said_to_be_ended(command, page, observe):
    page.set(observe=observe)
    done = command("drain", page.pid, "--cancel")
    assert done.returncode == 0 and "there was no drain" in done.stdout


def waiting(command, page, over, pid=None, within=None, **more):
    words = ["drain", str(pid or page.pid), "--over", over, "--wait"]
    words += ["--within", within] if within else []
    return subprocess.Popen([command.program, *words], stdout=subprocess.PIPE, text=True, **more)


def test_waiting_ends_when_no_connection_is_open(command, page):
    page.count(open=2)
    with waiting(command, page, "1h") as drain:
        assert until(lambda: page.word("drain_start"))
        assert drain.poll() is None
        page.count(open=0)
        assert drain.wait(20) == 0
        assert "no connection is open" in drain.stdout.read()


def test_a_gap_between_two_connections_does_not_end_the_waiting(command, page):
    """A client that has been told to close opens another one a moment later."""
    page.count(open=1, connections=1)
    with waiting(command, page, "1h") as drain:
        assert until(lambda: page.word("drain_start"))
        numbers = itertools.count(2)

        def reconnected():
            page.count(open=0, connections=next(numbers))
            return drain.poll() is not None

        assert not until(reconnected, 1)
        assert drain.wait(20) == 0
        assert "no connection is open" in drain.stdout.read()


def test_waiting_ends_when_the_time_is_over(command, page):
    page.count(open=2)
    with waiting(command, page, "300ms") as drain:
        assert drain.wait(20) == 3
        assert "2 connections still open" in drain.stdout.read()


def test_the_wait_may_be_longer_than_the_ramp(command, page):
    """So that a connection without a request while the ramp lasts is told to close by its next."""
    page.count(open=2)
    with waiting(command, page, "1ms", within="1h") as drain:
        assert until(lambda: page.word("drain_start"))
        assert not until(lambda: drain.poll() is not None, 0.5)
        assert page.word("drain_ramp") == 1
        page.count(open=0)
        assert drain.wait(20) == 0
        assert "no connection is open" in drain.stdout.read()
    page.count(open=2)
    done = command("drain", page.pid, "--wait", "--within", "300ms")
    assert done.returncode == 3 and "2 connections still open" in done.stdout
    assert page.word("drain_ramp") == 0


def test_waiting_ends_when_the_server_does(command, page):
    page.count(open=2)
    with waiting(command, page, "1h") as drain:
        assert until(lambda: page.word("drain_start"))
        page.end()
        assert drain.wait(20) == 0


def test_a_worker_below_zero_hides_no_other(command, page, tmp_path):
    with Page(tmp_path, page.path) as worker:
        page.count(open=2)
        page.worker(1, worker.pid, worker.start, open=-2)
        done = command("drain", page.pid, "--over", "1ms", "--wait")
    assert done.returncode == 3 and "2 connections still open" in done.stdout


def test_a_page_that_cannot_be_read_any_more_is_not_quiet(command, page):
    page.count(open=2)
    with waiting(command, page, "2s", stderr=subprocess.PIPE) as drain:
        assert until(lambda: page.word("drain_start"))
        page.put("I", 32, 0)  # not ready
        assert drain.wait(20) == 1
        assert "not known" in drain.stderr.read()
        assert "no connection is open" not in drain.stdout.read()


def test_one_page_that_cannot_be_steered_does_not_cut_the_time_of_another(command, page, tmp_path):
    with Page(tmp_path):  # not filled in
        page.count(open=2)
        done = command("drain", os.getpid(), "--over", "1ms", "--wait")
    assert page.word("drain_start") and done.returncode == 1
    assert "2 connections still open" in done.stdout or "not known" in done.stderr


def test_workers_that_come_while_waiting_are_waited_for(command, page, tmp_path):
    """As servers do that fork for each connection."""
    page.count(open=2)
    with waiting(command, page, "1h", os.getpid()) as drain:
        assert until(lambda: page.word("drain_start"))
        with Page(tmp_path, page.path) as worker:
            page.worker(1, worker.pid, worker.start, open=1)
            page.count(open=0)
            assert not until(lambda: drain.poll() is not None, 0.5)
            page.worker(1, worker.pid, worker.start, open=0)
            assert drain.wait(20) == 0
        assert "no connection is open" in drain.stdout.read()


def test_pages_that_come_while_waiting_are_drained_and_waited_for(command, page, tmp_path):
    """A worker that is exec'ed, not forked, makes a page of its own with its first connection."""
    page.count(open=1)
    with waiting(command, page, "1h", os.getpid()) as drain:
        assert until(lambda: page.word("drain_start"))
        with Page(tmp_path) as late:
            late.fill()
            late.count(open=1)
            assert until(lambda: late.word("drain_start"))
            assert late.word("drain_start") == page.word("drain_start")
            assert late.word("drain_ramp") == 3_600_000
            page.count(open=0)
            assert not until(lambda: drain.poll() is not None, 0.5)
            late.count(open=0)
            assert drain.wait(20) == 0


def test_waiting_asks_little_of_the_machine(command, page, tmp_path):
    """It looks at the pages that it knows; who maps what is asked of the family alone."""
    if not shutil.which("strace"):
        pytest.skip("install strace to see what is opened")
    page.count(open=2)
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE) as stranger:
        trace = tmp_path / "trace"
        done = command("drain", page.pid, "--over", "1500ms", "--wait",
                       wrap=["strace", "-qq", "-e", "trace=openat", "-o", str(trace)])
        stranger.stdin.close()
    opened = trace.read_text()
    assert done.returncode == 3 and "2 connections still open" in done.stdout
    assert opened.count(f'"/proc/{stranger.pid}/maps"') == 1
    assert 1 < opened.count(f'"/proc/{page.pid}/maps"') <= 3


def test_a_server_that_observes_is_not_waited_for(command, page):
    """It would never be quiet: nothing is closed."""
    page.set(observe=1)
    page.count(open=2)
    before = time.monotonic()
    done = command("drain", page.pid, "--over", "1ms", "--wait", "--within", "50s")
    assert time.monotonic() - before < 20 and done.returncode == 0
    assert "observes only" in done.stdout and "still open" not in done.stdout


def test_a_drain_that_closed_nothing_does_not_wait_for_the_end_of_observation(command, page):
    page.set(observe=1)
    assert "observes only" in command("drain", page.pid, "--over", "1s").stdout
    assert page.word("drain_start") == 0
    done = command("set", page.pid, "observe=off")
    assert done.returncode == 0 and "drain" not in done.stdout


def test_a_drain_that_goes_on_is_told_by_who_sets_limits(command, page):
    assert command("drain", page.pid).returncode == 0
    assert "a drain is on, and goes on" in command("set", page.pid, "observe=off").stdout


# ---- Servers in pid namespaces below -----------------------------------------------------------


@pytest.fixture
def contained(tmp_path):
    """A page of a container's process, as seen by its host."""
    with Page(tmp_path, wrap=in_namespaces("-p", "-f", "--mount-proc", "--kill-child")) as made:
        yield made.fill()


@pytest.mark.parametrize("words", [["drain"], ["set", "requests=7"]])
def test_servers_in_containers_are_steered_only_if_that_is_said(command, contained, words):
    subcommand, *more = words
    done = command(subcommand, os.getpid(), *more)
    assert done.returncode == 1 and "--all" in done.stderr
    assert "1 server below process" in done.stderr
    assert (contained.word("drain_start"), contained.word("requests")) == (0, 1000)
    assert command(subcommand, os.getpid(), "--all", *more).returncode == 0
    assert contained.word("drain_start") or contained.word("requests") == 7


def test_servers_beside_containers_are_steered_and_these_told_of(command, contained, page):
    done = command("drain", os.getpid(), "--over", "1ms", "--wait")
    assert done.returncode == 0 and "1 server below process" in done.stderr
    assert page.word("drain_start") and not contained.word("drain_start")


def test_a_containers_own_process_is_steered(command, contained):
    outer = contained.process.pid
    [inner] = open(f"/proc/{outer}/task/{outer}/children").read().split()
    assert command("drain", inner).returncode == 0
    assert contained.word("drain_start")


@pytest.mark.parametrize("words", [["--wait"], ["--over", "20"], ["--over", "off"],
                                   ["--cancel", "--over", "1s"], ["--cancel", "--wait"],
                                   ["--over", "1s", "--within", "2s"], ["--cancel", "--within", "1s"],
                                   ["--over", "2s", "--wait", "--within", "1s"]])
def test_what_makes_no_sense_is_refused(command, page, words):
    assert command("drain", page.pid, *words).returncode == 2
    assert page.word("drain_start") == 0


# ---- Pages that are none -----------------------------------------------------------------------


def spoil(page, how):
    with open(page.path, "r+b") as file:
        if how in ("empty", "a header", "one byte short"):
            file.truncate({"empty": 0, "a header": 40, "one byte short": SIZE - 1}[how])
        elif how == "noise":
            file.write(bytes(range(1, 256)) * (SIZE // 255))
        else:
            offset, form, value = {"magic": (0, "8s", b"LASTCALL"), "version": (8, "I", VERSION + 1),
                                   "size": (12, "I", 64), "workers": (20, "I", WORKERS + 1),
                                   "not ready": (32, "I", 0)}[how]
            file.seek(offset)
            file.write(struct.pack(form, value))


@pytest.mark.parametrize("how", ["empty", "a header", "one byte short", "noise", "magic", "version",
                                 "size", "workers", "not ready"])
def test_a_spoiled_page_is_refused_and_left_as_it_is(command, page, how):
    spoil(page, how)
    before = page.path.read_bytes()
    for words in [("status", page.pid), ("status", page.pid, "--json"),
                  ("status", page.path.parent),
                  ("set", page.pid, "requests=5"), ("drain", page.pid),
                  ("drain", page.pid, "--cancel")]:
        done = command(*words)
        assert done.returncode == 1, (words, done.stdout, done.stderr)
        assert str(page.path) in done.stdout + done.stderr
    assert "pid=" not in command("status", page.pid, "--prometheus").stdout
    assert page.path.read_bytes() == before


def test_a_page_that_became_something_else_is_refused(command, page, tmp_path):
    """The name now leads elsewhere; a link of a stranger is not followed."""
    target = tmp_path / "target"
    target.write_bytes(page.path.read_bytes())
    page.path.unlink()
    page.path.symlink_to(target)
    before = target.read_bytes()
    command("set", page.pid, "requests=5")
    assert target.read_bytes() == before


def test_another_page_of_the_same_name_is_left_as_it_is(command, page):
    """A server whose page was swept away by hand, and one in its place: the mapped one is meant."""
    before = page.path.read_bytes()
    page.path.unlink()
    page.path.write_bytes(before)
    done = command("set", page.pid, "requests=5")
    assert page.path.read_bytes() == before
    if os.geteuid() == 0:  # the kernel shows mapped files to root alone
        assert done.returncode == 0, done.stderr
        [server] = json.loads(command("status", page.pid, "--json").stdout)["servers"]
        assert server["limits"]["requests"] == 5
    else:
        assert done.returncode == 1 and "its name is another file's now" in done.stderr


def test_a_page_with_the_inode_number_of_another_file_system_is_left_as_it_is(command, tmp_path):
    """In a container whose /dev/shm is mounted anew: each counts its inodes from the start."""
    wrap = in_namespaces("-m", "--propagation", "private")
    mount = f"mount -t tmpfs none '{tmp_path}'"
    with Page(tmp_path, wrap=[*wrap, "sh", "-c", f'{mount} && exec "$@"', "sh"]) as inner:
        there = ["nsenter", "-t", str(inner.pid), "-m", "sh", "-c"]
        name = str(inner.path)
        inner.path = type(inner.path)(f"/proc/{inner.pid}/root{name}")
        inner.fill()
        number = inner.path.stat().st_ino
        again = f"{mount} && cat > '{name}'"
        subprocess.run([*there, again], input=inner.path.read_bytes(), check=True, timeout=20)
        before = inner.path.read_bytes()
        assert inner.path.stat().st_ino == number, "the kernel counts otherwise: no test"
        command("set", inner.pid, "requests=5")
        assert inner.path.read_bytes() == before


def test_numbers_that_are_nonsense_are_shown(command, page):
    page.put("1000Q", 512, *[2 ** 64 - 1] * 1000)
    for form in [(), ("--json",), ("--prometheus",)]:
        assert command("status", page.pid, *form).returncode == 0
