"""tools/need waits for whoever holds a lock of apt's or dpkg's, for a while, and says so once.

Knows what apt-get says then, and plays it: no package is installed here.
"""

import os
import shutil
import subprocess

import pytest

from conftest import REPOSITORY

HELD = "E: Could not get lock /var/lib/{lock}. It is held by process 1 (apt-get)"
LOCKS = ["apt/lists/lock", "dpkg/lock-frontend", "apt/archives/lock"]
WAITING = "waiting for another process that uses apt or dpkg"

# Fails so often as the file `left` has lines, and then installs.
APT_GET = """#!/bin/sh
echo "$1" >>{folder}/asked
if test -s {folder}/left; then
    head -n 1 {folder}/left >&2
    sed -i 1d {folder}/left
    exit 100
fi
test "$1" != install || touch {folder}/thing
"""


@pytest.fixture
def need(tmp_path):
    """need(errors): what `tools/need check` does while apt-get fails with these, one a call."""
    tools, bin_ = tmp_path / "tools", tmp_path / "bin"
    tools.mkdir()
    bin_.mkdir()
    shutil.copy(REPOSITORY / "tools" / "need", tools)
    (tools / "packages").write_text(f"check a-thing {tmp_path}/thing\n")
    programs = {"apt-get": APT_GET.format(folder=tmp_path), "id": "#!/bin/sh\necho 0\n",
                "sleep": f"#!/bin/sh\necho $1 >>{tmp_path}/slept\n"}
    for name, text in programs.items():
        (bin_ / name).write_text(text)
        (bin_ / name).chmod(0o755)

    def run(errors):
        (tmp_path / "left").write_text("".join(f"{error}\n" for error in errors))
        return subprocess.run([tools / "need", "check"], capture_output=True, text=True, timeout=60,
                              env={**os.environ, "PATH": f"{bin_}:{os.environ['PATH']}"})
    return run


def lines(file):
    return file.read_text().split() if file.exists() else []


@pytest.mark.parametrize("lock", LOCKS)
@pytest.mark.parametrize("times", [1, 3])
def test_a_held_lock_is_waited_for_and_told_once(need, tmp_path, lock, times):
    done = need([HELD.format(lock=lock)] * times)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count(WAITING) == 1
    assert lines(tmp_path / "slept") == ["2"] * times
    assert lines(tmp_path / "asked") == ["update"] * (times + 1) + ["install"]


def test_a_lock_that_is_held_for_ever_is_given_up_and_named(need, tmp_path):
    done = need([HELD.format(lock=LOCKS[1])] * 1000)
    assert done.returncode == 1
    assert LOCKS[1] in done.stderr and "apt-get install a-thing" in done.stderr
    assert sum(map(int, lines(tmp_path / "slept"))) == 300


def test_another_failure_is_told_and_not_waited_for(need, tmp_path):
    done = need(["E: no such mirror", "E: no such package"])
    assert done.returncode == 1
    assert "E: no such mirror" in done.stderr and "E: no such package" in done.stderr
    assert WAITING not in done.stdout and lines(tmp_path / "slept") == []


def test_without_a_lock_nothing_is_said_of_waiting(need):
    done = need([])
    assert (done.returncode, done.stdout, done.stderr) == (0, "installing: a-thing\n", "")
