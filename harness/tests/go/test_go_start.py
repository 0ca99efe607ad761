"""What comes to a Go program while the guest is brought into it, and to programs that only look like Go.

A signal at any moment of the start does what it does to a bare one: the program stops and goes on, or
ends by it. What is no Go program is not changed, whatever it holds.
"""

import os
import random
import signal
import subprocess
import time
from pathlib import Path

import pytest

from go import building, elf
from hosts.building import compiled
from servers import go
from support.process import environment

PATIENCE = 60
ROUNDS = 60
TRAPS = 100
START = 0.012  # seconds within which a start is over, mostly
PAUSE = 0.003


@pytest.fixture
def command(library):
    if go.static.missing():
        pytest.skip("install golang-go to run this")
    return [str(Path(library).parent / "lastcall"), "run", "--status", "off", "-n", "2", "--"]


def started(words, ignored=None):
    return subprocess.Popen(words, env=environment({"GODEBUG": "asyncpreemptoff=1"}), text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
                            preexec_fn=lambda: ignored and signal.signal(ignored, signal.SIG_IGN))


def rounds():
    chance = random.Random(1)
    return [chance.random() * START for _ in range(ROUNDS)]


@pytest.mark.parametrize("stop", [signal.SIGSTOP, signal.SIGTSTP])
def test_a_start_that_is_stopped_for_a_moment_goes_on(command, stop):
    program = str(building.built("registers"))
    for moment in rounds():
        process = started([*command, program])
        time.sleep(moment)
        os.killpg(process.pid, stop)
        time.sleep(PAUSE)
        os.killpg(process.pid, signal.SIGCONT)
        said, complaint = process.communicate(timeout=PATIENCE)
        assert (process.returncode, said, complaint) == (0, "told 1\ndone\n", "")


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_a_start_that_is_interrupted_ends_by_the_signal(command, end, tmp_path):
    """By a terminal, so that all of the group gets it. (It serves, so it does not end by itself.)"""
    for moment in rounds():
        process = started([*command, str(building.built("hello"))])
        time.sleep(moment)
        os.killpg(process.pid, end)
        process.communicate(timeout=PATIENCE)
        assert process.returncode in (-end, 2)  # Go's own way with SIGINT, once it has begun


def test_a_start_among_traps_from_elsewhere_is_followed_or_ends_as_go_does(command):
    """By the signal with which a debugger's steps end, ignored until Go has its own way with it."""
    for moment in rounds():
        process = started([*command, str(building.built("registers"))], ignored=signal.SIGTRAP)
        time.sleep(moment)
        for _ in range(TRAPS):
            process.send_signal(signal.SIGTRAP)
        _, complaint = process.communicate(timeout=PATIENCE)
        assert process.returncode in (0, 2) and "lastcall:" not in complaint, complaint


def test_a_static_program_that_only_holds_a_go_program_reads_it_as_it_is(command):
    held = building.built("hello")
    flags = ("-static", "-Wl,-z,noseparate-code", f'-DHELD="{held}"')
    program = str(compiled("holds", ("holds.c",), flags=flags))
    bare = started([program]).communicate(timeout=PATIENCE)[0]
    assert bare.strip() and started([*command, program]).communicate(timeout=PATIENCE)[0] == bare


@pytest.mark.parametrize("forced", ["on", None])
@pytest.mark.parametrize("variant", ["pie", "cgo"])
def test_a_program_whose_headers_were_moved_starts(library, tmp_path, variant, forced):
    if go.static.missing():
        pytest.skip("install golang-go to run this")
    moved = tmp_path / "moved"
    moved.write_bytes(elf.with_headers_moved(building.built("nethttp", variant).read_bytes()))
    moved.chmod(0o755)
    settings = {"LASTCALL_REQUESTS": "2", **({"LASTCALL_GO": forced} if forced else {})}
    done = subprocess.run([str(moved), "again"], env=environment({}, library, settings),
                          capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 0 and not done.stderr, done.stderr
