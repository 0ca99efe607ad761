"""A system call of Go's gives back what the instruction would: every register but those that it
destroys, and the bytes below the stack pointer, whether it was the guest's business or not.
"""

import subprocess
from pathlib import Path

import pytest

from go import building
from servers import go
from support.process import environment

PATIENCE = 60


@pytest.fixture
def run(library):
    def started(limit=None):
        if go.static.missing():
            pytest.skip("install golang-go to run this")
        command = [str(building.built("registers"))]
        if limit:
            command = [str(Path(library).parent / "lastcall"), "run", "--status", "off",
                       "-n", str(limit), "--", *command]
        done = subprocess.run(command, env=environment({"GODEBUG": "asyncpreemptoff=1"}),
                              capture_output=True, text=True, timeout=PATIENCE)
        assert done.returncode == 0, done.stderr
        assert not done.stderr
        return done.stdout.splitlines()

    return started


def test_a_bare_program_finds_nothing_changed(run):
    assert run() == ["told 0", "done"]


def test_a_followed_program_finds_nothing_changed(run):
    assert run(2) == ["told 1", "done"]


def test_a_program_whose_limit_is_not_reached_finds_nothing_changed(run):
    assert run(3) == ["told 0", "done"]
