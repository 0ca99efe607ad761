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

    def run(errors=(), *groups, **variables):
        (tmp_path / "left").write_text("".join(f"{error}\n" for error in errors))
        return subprocess.run([tools / "need", *(groups or ["check"])], capture_output=True, text=True,
                              timeout=60, env={**os.environ, "PATH": f"{bin_}:{os.environ['PATH']}",
                                               **variables})
    run.packages, run.bin = tools / "packages", bin_
    return run


@pytest.fixture
def told(need):
    """told(groups): the packages that somebody is told of who may not install."""
    (need.bin / "id").write_text("#!/bin/sh\necho 1000\n")

    def run(*groups, **variables):
        done = need([], *groups, **variables)
        assert done.returncode == (1 if done.stderr else 0)
        return done.stderr.rpartition("apt-get install ")[2].split()
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


# ---- What is looked for ------------------------------------------------------------------------

def test_all_groups_are_looked_at_before_anything_is_told(need, told, tmp_path):
    need.packages.write_text(f"check a {tmp_path}/a\nlint sh sh\nlint b {tmp_path}/b\n"
                             f"harness a {tmp_path}/a\n")
    assert told("check", "lint") == ["a", "b"]


def test_a_probe_may_be_a_pattern(need, told, tmp_path):
    need.packages.write_text(f"check there {tmp_path}/1*/*.a\ncheck missing {tmp_path}/2*/*.a\n")
    (tmp_path / "14.0.0").mkdir()
    (tmp_path / "14.0.0" / "x.a").touch()
    assert told("check") == ["missing"]


def test_the_programs_of_root_are_found_by_an_ordinary_user(need, told):
    need.packages.write_text("check adduser useradd\n")
    assert os.access("/usr/sbin/useradd", os.X_OK)
    assert told("check", PATH=f"{need.bin}:/usr/bin:/bin") == []


@pytest.mark.parametrize("compiler, package", [
    ("no-such-machine-g++", "g++-no-such-machine"), ("g++-99", "g++-99"), ("clang++-99", "clang-99"),
    ("/opt/g++-99 -m64", "g++-99")])
def test_the_compiler_that_is_asked_for_is_the_one_that_is_needed(need, told, compiler, package):
    need.packages.write_text("")
    assert told("check", CXX=compiler) == [package]
    assert need([], "--compiler", CXX=compiler).stdout == f"{package}\n"


def test_with_a_compiler_of_ones_own_no_other_is_needed(need, told):
    need.packages.write_text("")
    (need.bin / "clang++").write_text("#!/bin/sh\n")
    (need.bin / "clang++").chmod(0o755)
    assert told("check", CXX="clang++") == []
