"""Servers that the loader does not trust with preloads, and a whole system that has ours.

Knows AT_SECURE: a file capability gained by exec drops LD_PRELOAD. /etc/ld.so.preload is obeyed all
the same, so the library looks for itself. That file is only ever laid over /etc in a mount
namespace of the test.
"""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from hosts import building
from hosts.running import Host, is_exact, one_by_one, paths, run
from support.command_pages import command, in_namespaces  # noqa: F401
from support.content import make_folder, remove_root
from support.process import environment

NOBODY = 65534
THREE = paths("/1", "/2", "/3")


@pytest.fixture
def folder():
    """A folder that everybody may enter: pytest's own are root's alone."""
    made = make_folder()
    made.chmod(0o777)
    yield made
    remove_root(made)


@pytest.fixture
def privileged(folder):
    """The host with a file capability, for somebody who has none."""
    if os.geteuid() or not shutil.which("setcap"):
        pytest.skip("file capabilities are given by root, with setcap")
    program = folder / "host"
    shutil.copy(building.host(), program)
    program.chmod(0o755)
    given = subprocess.run(["setcap", "cap_net_bind_service=ep", str(program)],
                           capture_output=True, timeout=20)
    if given.returncode:
        pytest.skip("file capabilities cannot be given here")
    return program


def as_nobody(*arguments, **more):
    return subprocess.Popen(*arguments, **more, user=NOBODY, group=NOBODY, extra_groups=[])


class Privileged(Host):
    """A host of nobody's, in a folder that nobody may write to."""

    def __init__(self, *options, start=as_nobody, **more):
        def opened(command, **how):
            self.path.chmod(0o777)
            return start(command, **how)
        super().__init__(*options, start=opened, **more)


def served(host):
    said = one_by_one(THREE)(host.port)
    assert (host.finish(), host.stderr()) == (0, b"")
    return [response.wire for response in said.responses]


def reachable_copy(library, folder):
    copy = folder / "liblastcall.so"
    shutil.copy(library, copy)
    copy.chmod(0o755)
    return copy


def bare_wire():
    return [one.wire for one in run([], one_by_one(THREE)).said.responses]


def test_a_server_with_a_file_capability_runs_without_us(library, privileged, folder):
    copy = reachable_copy(library, folder)
    with Privileged(library=copy, program=privileged, settings={"LASTCALL_REQUESTS": 1}) as host:
        assert str(copy) not in Path(f"/proc/{host.popen.pid}/maps").read_text()
        assert served(host) == bare_wire()


@pytest.mark.skipif(os.geteuid() != 0, reason="root alone can start a server as somebody else")
def test_without_the_capability_the_same_server_is_followed(library, folder):
    """So it is the capability that the test above is about."""
    copy = reachable_copy(library, folder)
    with Privileged(library=copy, program=building.host(), settings={"LASTCALL_REQUESTS": 3}) as host:
        said = one_by_one(THREE, last=True)(host.port)
        assert host.finish() == 0
    is_exact(run([], one_by_one(THREE)).said, said)


def test_the_command_tells(command, privileged):  # noqa: F811
    done = command("check", privileged, user=NOBODY, group=NOBODY, extra_groups=[])
    assert "capabilit" in done.stdout and done.returncode != 0


# ---- /etc/ld.so.preload ------------------------------------------------------------------------

OVERLAY = """
mount -t tmpfs none "$0" && mkdir "$0/lower" && echo "$1" > "$0/lower/ld.so.preload" &&
mount -t overlay -o "lowerdir=$0/lower:/etc" overlay /etc || exit 111
shift
exec "$@"
"""


@pytest.fixture
def preloaded(library, folder):
    """The words that start a program in a system with our line in /etc/ld.so.preload."""
    copy = reachable_copy(library, folder)
    words = [*in_namespaces("--mount"), "sh", "-c", OVERLAY]
    (folder / "over").mkdir()
    words += [str(folder / "over"), str(copy)]
    if subprocess.run([*words, "true"], capture_output=True, timeout=20).returncode:
        pytest.skip("nothing can be laid over /etc here")
    return words


def in_preloaded(words, then=()):
    def start(command, **more):
        return subprocess.Popen([*words, *then, *command], **more)
    return start


def test_a_system_wide_preload_reaches_a_server(preloaded, library):
    bare = run([], one_by_one(THREE)).said
    kept = run([], one_by_one(THREE, last=True), start=in_preloaded([
        "env", "LASTCALL_REQUESTS=3", *preloaded]))
    is_exact(bare, kept.said)
    assert (kept.status, kept.stderr) == (0, b"")


def test_a_privileged_server_that_has_us_all_the_same_is_left_alone(preloaded, privileged, folder):
    switch = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    start = in_preloaded(["env", "LASTCALL_REQUESTS=1", *preloaded], switch)
    with Privileged(program=privileged, start=start) as host:
        assert str(folder / "liblastcall.so") in Path(f"/proc/{host.popen.pid}/maps").read_text()
        assert served(host) == bare_wire()


ORDINARY = {
    "a shell with pipes and children": "echo a | tr a b; (exit 3); echo $?; exec 5>&1; echo c >&5",
    "the package manager": "dpkg-query --show libc6 libc-bin; apt-config dump | head -5",
    "perl": "perl -e 'open(F, q(-|), q(echo), q(out)) or die; print <F>; close F; print 1 + 1'",
    "python": "/usr/bin/python3 -c 'import subprocess as s; print(s.run([\"id\", \"-u\"], "
              "capture_output=True))'",
    "a privileged program": "su -s /bin/sh nobody -c 'id -un'",
    "another root": "env -i /bin/echo $HOME",
    "find and xargs": "find /usr/lib/os-release /etc/hostname | xargs -n 1 basename",
    "the environment of a child": "env | grep -v '^_=' | sort",
}


@pytest.mark.parametrize("script", ORDINARY.values(), ids=ORDINARY)
def test_a_system_wide_preload_changes_no_ordinary_program(preloaded, script):
    def run_script(words):
        done = subprocess.run([*words, "sh", "-c", script], capture_output=True, timeout=60,
                              env=environment({}), stdin=subprocess.DEVNULL)
        return done.returncode, done.stdout, done.stderr

    bare = run_script([])
    assert bare[0] == 0
    assert run_script(preloaded) == bare
