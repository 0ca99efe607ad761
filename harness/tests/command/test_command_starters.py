"""lastcall run and check of programs that only start others: what is said of them, and what becomes of
what they start.

The wrappers are Debian's own. What they start is a script that tells whether the library is in it.
"""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from support.command_pages import command, runner  # noqa: F401

PROBE = "#!/bin/sh\ngrep -q liblastcall /proc/self/maps && echo followed || echo bare\n"
FOLLOWED = {  # by root, of whom setuid files ask nothing
    "gosu": ["gosu", "nobody", "{probe}"],
    "su": ["su", "-s", "/bin/sh", "nobody", "-c", "{probe}"],
    "runuser": ["runuser", "-u", "nobody", "--", "{probe}"],
    "setpriv": ["setpriv", "--reuid=nobody", "--clear-groups", "{probe}"],
    "tini": ["tini", "-s", "--", "{probe}"],
    "tini-static": ["tini-static", "-s", "--", "{probe}"],
    "catatonit": ["catatonit", "--", "{probe}"],
    "dumb-init": ["dumb-init", "{probe}"],
    "busybox": ["busybox", "sh", "-c", "{probe}"],
    "sudo": ["sudo", "-n", "{lastcall}", "run", "--status", "off", "--", "{probe}"],
    "sudo that keeps it": ["sudo", "-n", "--preserve-env=LD_PRELOAD", "{probe}"],
    "env": ["env", "A=b", "{probe}"],
    "env -i": ["env", "-i", "{lastcall}", "run", "--status", "off", "--", "{probe}"],
    "lastcall": ["{lastcall}", "run", "--status", "off", "--", "{probe}"],
    "a text": ["{text}"]}
BARE = {
    "sudo": ["sudo", "-n", "{probe}"],
    "sudo -E": ["sudo", "-n", "-E", "{probe}"],
    "sudo behind tini": ["tini", "-s", "--", "sudo", "-n", "{probe}"],
    "su -": ["su", "-", "-s", "/bin/sh", "nobody", "-c", "{probe}"],
    "runuser -l": ["runuser", "-l", "nobody", "-s", "/bin/sh", "-c", "{probe}"],
    "setpriv": ["setpriv", "--reset-env", "{probe}"],
    "env -i": ["env", "-i", "{probe}"]}


@pytest.fixture
def place(library):
    """The library, the command and the probe, where every user may read them."""
    if os.geteuid():
        pytest.skip("needs root, to become somebody else")
    with tempfile.TemporaryDirectory(dir="/var/tmp", prefix="lastcall-test") as made:
        folder = Path(made)
        folder.chmod(0o755)
        for name in (library.name, "liblastcall-go.so", "lastcall"):
            shutil.copy(library.parent / name, folder / name)
            (folder / name).chmod(0o755)
        for name, text in {"probe": PROBE, "text": PROBE.partition("\n")[2]}.items():
            (folder / name).write_text(text)
            (folder / name).chmod(0o755)
        yield folder


@pytest.fixture
def started(place):
    """started(words): by `lastcall run`, with the names of the place filled in."""
    run = runner(place / "lastcall")

    def filled(words):
        if "{" not in words[0] and not shutil.which(words[0]):
            pytest.skip(f"install {words[0]}")
        names = {name: place / name for name in ("probe", "text", "lastcall")}
        done = run("run", "--status", "off", "--", *(word.format(**names) for word in words),
                   stdin=subprocess.DEVNULL)
        if "password" in done.stderr:
            pytest.skip(f"{words[0]} wants a password here")
        return done
    return filled


@pytest.mark.parametrize("by", FOLLOWED)
def test_what_is_started_with_its_environment_is_followed_without_a_word(started, by):
    done = started(FOLLOWED[by])
    assert done.stdout == "followed\n" and done.stderr == ""


@pytest.mark.parametrize("by", BARE)
def test_what_is_started_with_a_new_environment_is_told_and_is_bare(started, by):
    done = started(BARE[by])
    assert done.stdout == "bare\n"
    said = [line for line in done.stderr.splitlines() if line.startswith("lastcall: ")]
    assert len(said) == 1 and "its environment is a new one" in said[0]
    assert f"what {by.split()[0]} starts will run as if without lastcall" in said[0]


def test_who_gains_by_su_is_told_that_the_preload_is_dropped(place):
    if not shutil.which("su") or not shutil.which("setpriv"):
        pytest.skip("install util-linux")
    words = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", place / "lastcall"]
    done = subprocess.run([*words, "run", "--status", "off", "--", "su", "-c", "true"], timeout=60,
                          stdin=subprocess.DEVNULL, capture_output=True, text=True)
    assert done.returncode != 0 and "it is setuid" in done.stderr and "drops LD_PRELOAD" in done.stderr


@pytest.mark.parametrize("name", ["gosu", "su", "tini", "tini-static", "catatonit", "dumb-init"])
def test_what_only_starts_others_is_never_said_not_to_work(command, name):
    if not shutil.which(name) or os.geteuid():
        pytest.skip(f"install {name}, be root")
    done = command("check", name)
    assert done.returncode == 0 and "check that, too" in done.stdout, done.stdout


def test_of_sudo_it_is_said_what_becomes_of_the_environment(command):
    if not shutil.which("sudo") or os.geteuid():
        pytest.skip("install sudo, be root")
    assert "its environment is a new one" in command("check", "sudo").stdout


def test_a_static_shell_is_no_reason_for_its_script_to_fail(command, tmp_path):
    if not shutil.which("busybox"):
        pytest.skip("install busybox-static")
    (tmp_path / "sh").symlink_to(shutil.which("busybox"))
    script = tmp_path / "x"
    script.write_text(f"#!{tmp_path}/sh\nexec server\n")
    script.chmod(0o755)
    done = command("check", script)
    assert done.returncode == 0 and "check what it starts" in done.stdout


def test_an_applet_that_serves_is_not_taken_for_one_that_starts(command):
    if not shutil.which("busybox"):
        pytest.skip("install busybox-static")
    said = command("run", "--status", "off", "--", "busybox", "httpd", "--help").stderr
    assert "busybox itself will run as if without lastcall: it is static" in said
