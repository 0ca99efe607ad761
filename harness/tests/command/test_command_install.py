"""lastcall install: the command and its libraries appear in a folder, whole or not at all.

As another user into a volume, it is run by test_kubernetes.py.
"""

import os
import shutil
import subprocess

import pytest

from support.command_pages import command, in_namespaces  # noqa: F401
from support.process import environment

MODES = {"lastcall": 0o755, "liblastcall.so": 0o644, "liblastcall-go.so": 0o644}


def installed(folder):
    return {path.name: path.stat().st_mode & 0o7777 for path in folder.iterdir()}


def test_the_command_and_the_libraries_are_copied_with_their_modes(command, library, tmp_path):
    done = command("install", tmp_path, umask=0o077)
    assert done.returncode == 0, done.stderr
    assert installed(tmp_path) == MODES
    assert (tmp_path / "liblastcall.so").read_bytes() == library.read_bytes()
    assert (tmp_path / "lastcall").read_bytes() == command.program.read_bytes()
    go_library = library.with_name("liblastcall-go.so")
    assert (tmp_path / "liblastcall-go.so").read_bytes() == go_library.read_bytes()
    assert done.stdout.split() == [
        str(tmp_path / name) for name in ("liblastcall-go.so", "liblastcall.so", "lastcall")]


def test_what_was_installed_runs_servers_and_installs_on(command, tmp_path):
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir(), second.mkdir()
    assert command("install", first).returncode == 0
    words = [str(first / "lastcall"), "run", "--status", "off", "env"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, env=environment({}))
    assert f"LD_PRELOAD={first / 'liblastcall.so'}" in done.stdout.splitlines()
    subprocess.run([first / "lastcall", "install", second], check=True, timeout=60)
    assert installed(second) == MODES


def test_files_that_are_there_are_replaced_and_not_written_into(command, library, tmp_path):
    """Another name of the old file is as a server that has it mapped."""
    old = tmp_path / "liblastcall.so"
    old.write_bytes(b"old")
    os.link(old, tmp_path / "mapped")
    assert command("install", tmp_path).returncode == 0
    assert (tmp_path / "mapped").read_bytes() == b"old"
    assert old.read_bytes() == library.read_bytes()
    assert set(installed(tmp_path)) == {*MODES, "mapped"}


def test_into_the_folder_that_it_runs_from_it_installs_itself(command, tmp_path):
    assert command("install", tmp_path).returncode == 0
    assert subprocess.run([tmp_path / "lastcall", "install", tmp_path], timeout=60).returncode == 0
    assert installed(tmp_path) == MODES


@pytest.mark.parametrize("words, named", [
    (["missing"], "missing: No such file"), (["file"], "file: it is no folder"),
    (["taken"], "taken/lastcall: Is a directory"), (["/proc"], "/proc")])
def test_a_folder_that_cannot_be_used_is_told_and_left_as_it_was(command, tmp_path, words, named):
    (tmp_path / "file").touch()
    (tmp_path / "taken" / "lastcall").mkdir(parents=True)
    done = command("install", *words, cwd=tmp_path)
    assert done.returncode == 1 and named in done.stderr
    assert set(installed(tmp_path / "taken")) <= set(MODES)


def test_on_a_full_disk_the_old_file_stays(command, tmp_path):
    wrap = in_namespaces("-m", "--propagation", "private")
    script = ('mount -t tmpfs -o size=64k none "$0" && echo old > "$0/liblastcall.so" && '
              '"$@"; status=$?; cat "$0/liblastcall.so"; ls -A "$0"; exit $status')
    done = command("install", tmp_path, wrap=[*wrap, "sh", "-c", script, str(tmp_path)])
    assert done.returncode == 1 and "No space left" in done.stderr
    assert done.stdout.split() == ["old", "liblastcall.so"]


def test_without_its_library_nothing_is_installed(command, tmp_path):
    alone, folder = tmp_path / "lastcall", tmp_path / "folder"
    shutil.copy(command.program, alone)
    folder.mkdir()
    done = subprocess.run([alone, "install", folder], capture_output=True, text=True, timeout=60)
    assert done.returncode == 1 and "no liblastcall.so" in done.stderr
    assert not installed(folder)


@pytest.mark.parametrize("words", [[], ["a", "b"], [""], ["--force", "a"]])
def test_other_than_one_folder_is_bad_usage(command, words):
    assert command("install", *words).returncode == 2
