"""lastcall run: what it refuses, what environment the program gets, and how it ends.

Most programs here are /usr/bin/env, which prints its environment; one is a real server.
"""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

import servers
from support.client import Client
from support.command_pages import Page, command, in_namespaces, start_of  # noqa: F401
from support.process import Process, environment

SETTINGS = ["--requests", "5", "--age", "90s", "--jitter", "10%", "--rate", "7/s",
            "--ports", "80,8080-8090"]


def variables(done):
    assert done.returncode == 0, done.stderr
    return dict(line.split("=", 1) for line in done.stdout.splitlines() if "=" in line)


def started_by(program, *words):
    return subprocess.run([program, *words], cwd="/", capture_output=True, text=True, timeout=60,
                          env=environment({}))


# ---- The environment ---------------------------------------------------------------------------


def test_the_settings_and_the_library_reach_the_program(command, library):
    found = variables(command("run", *SETTINGS, "--status", "off", "--observe", "--", "env"))
    assert found["LD_PRELOAD"] == str(library)
    assert {name: text for name, text in found.items() if name.startswith("LASTCALL")} == {
        "LASTCALL": "observe", "LASTCALL_REQUESTS": "5", "LASTCALL_AGE": "90s",
        "LASTCALL_JITTER": "10%", "LASTCALL_RATE": "7/s", "LASTCALL_PORTS": "80,8080-8090",
        "LASTCALL_STATUS": "off"}


def test_the_status_page_is_on_by_default(command):
    assert variables(command("run", "env"))["LASTCALL_STATUS"] in ("/dev/shm", "/tmp")


def test_what_is_in_the_environment_stays_unless_overridden(command, tmp_path):
    found = variables(command("run", "-n5", "env", extra={
        "LASTCALL_REQUESTS": "9", "LASTCALL_AGE": "1h", "LASTCALL_STATUS": str(tmp_path)}))
    assert found["LASTCALL_REQUESTS"] == "5" and found["LASTCALL_AGE"] == "1h"
    assert found["LASTCALL_STATUS"] == str(tmp_path)


def test_another_preload_stays_behind_ours(command, library, tmp_path):
    other = tmp_path / "other.so"
    shutil.copy(library, other)
    found = variables(command("run", "env", extra={"LD_PRELOAD": str(other)}))
    assert found["LD_PRELOAD"] == f"{library}:{other}"


@pytest.mark.parametrize("behind, first", [("", True), (":/x.so", True), (" /x.so", True),
                                           (".old", False), ("x:/y.so", False)])
def test_the_library_is_put_in_front_once(command, library, behind, first):
    before = f"{library}{behind}"
    found = variables(command("run", "--status", "off", "env", extra={"LD_PRELOAD": before}))
    assert found["LD_PRELOAD"] == (before if first else f"{library}:{before}")


def test_the_library_is_found_in_an_installation(command, library, tmp_path):
    (tmp_path / "bin").mkdir()
    (tmp_path / "lib" / "lastcall").mkdir(parents=True)
    shutil.copy(command.program, tmp_path / "bin")
    installed = tmp_path / "lib" / "lastcall" / "liblastcall.so"
    shutil.copy(library, installed)
    done = started_by(tmp_path / "bin" / "lastcall", "run", "env")
    assert variables(done)["LD_PRELOAD"] == str(installed)


def test_without_the_library_nothing_is_started(command, tmp_path):
    alone = tmp_path / "lastcall"
    shutil.copy(command.program, alone)
    done = started_by(alone, "run", "echo", "started")
    assert done.returncode == 2 and "no liblastcall.so" in done.stderr and not done.stdout


def test_the_arguments_of_the_program_are_its_own(command):
    done = command("run", "echo", "-n", "--requests", "--", "x")
    assert done.stdout == "--requests -- x"


# ---- Refusals ----------------------------------------------------------------------------------


@pytest.mark.parametrize("words, named", [
    (["--requests", "0"], "--requests \"0\": expected a whole number from 1 to 2147483647, or off"),
    (["-n", "many"], "--requests \"many\""), (["--age", "5"], "--age \"5\""),
    (["--age", "720h"], "with ms, s, m or h, at most 596h, as in 90s, or off"),
    (["--jitter", "101%"], "--jitter \"101%\""), (["--rate", "5"], "--rate \"5\""),
    (["--ports", "0"], "--ports \"0\""), (["--status", "here"], "--status \"here\""),
    (["--status", "/nowhere/at/all"], "--status \"/nowhere/at/all\": expected a folder"),
    (["--status", "/proc/self/exe"], "expected a folder"), (["--age"], "--age needs D"),
    (["--request=5"], "did you mean --requests?"), (["--observe=yes"], "takes no value")])
def test_bad_input_is_refused_before_anything_starts(command, words, named):
    done = command("run", *words, *(["--", "echo", "started"] if words != ["--age"] else []))
    assert done.returncode == 2 and named in done.stderr and not done.stdout


def test_a_bad_value_in_the_environment_is_refused(command):
    done = command("run", "echo", "started", extra={"LASTCALL_AGE": "old"})
    assert done.returncode == 2 and "LASTCALL_AGE \"old\"" in done.stderr and not done.stdout


def test_without_a_program_it_is_refused(command):
    assert command("run", "-n", "5").returncode == 2


@pytest.mark.parametrize("words, status", [(["nowhere-to-be-found"], 127), (["/nowhere/x"], 127),
                                           (["/etc/passwd"], 126), (["/etc"], 126),
                                           (["sh", "-c", "exit 7"], 7)])
def test_the_exit_status_is_as_a_shell_has_it(command, words, status):
    assert command("run", "--", *words).returncode == status


def test_a_program_that_escapes_runs_with_a_warning(command, tmp_path):
    """The command itself is static."""
    other = tmp_path / "server"
    shutil.copy(command.program, other)
    done = command("run", str(other), "--version")
    assert done.returncode == 0 and done.stdout.startswith("lastcall ")
    assert f"{other} itself will run as if without lastcall: it is static" in done.stderr
    assert done.stderr.endswith("; what it starts is followed\n") and done.stderr.count("\n") == 1


# ---- Stale pages -------------------------------------------------------------------------------


@pytest.mark.parametrize("wiped", [["env", "-i"], ["env", "-"], ["env", "--ignore-environment"],
                                   ["/usr/bin/env", "-vi"]])
def test_a_new_environment_is_warned_of(command, wiped):
    done = command("run", "--", *wiped, "/bin/true")
    assert done.returncode == 0 and "its environment is a new one" in done.stderr


@pytest.mark.parametrize("kept", [["env"], ["env", "A=1", "-i"], ["env", "-u", "A", "--"]])
def test_an_environment_that_is_kept_is_not_warned_of(command, kept):
    assert "new one" not in command("run", "--", *kept, "/bin/true").stderr


def test_names_that_are_nearly_settings_are_told(command):
    given = {"LASTCALL_REQUEST": "3", "LASTCALL_PORT": "tcp://10.0.0.1:80"}
    done = command("run", "--", "/bin/true", extra=given)
    assert done.stderr == "lastcall: LASTCALL_REQUEST is ignored; did you mean LASTCALL_REQUESTS?\n"


def test_stale_pages_are_swept_and_live_ones_stay(command, tmp_path):
    other = tmp_path / "lastcall-notes.txt"
    other.write_text("not a page")
    with Page(tmp_path) as live:
        with Page(tmp_path) as gone:
            gone.fill()
        assert gone.path.exists()
        assert command("run", "--status", tmp_path, "true").returncode == 0
        assert not gone.path.exists() and live.path.exists() and other.exists()


def overlay(path):
    """The words that start a program where `path`/merged is an overlay mount of its own."""
    for name in ("layers", "merged"):
        (path / name).mkdir()
    wrap = in_namespaces("-m", "--propagation", "private")
    script = (f"cd '{path}' && mount -t tmpfs none layers && mkdir layers/low layers/up layers/work "
              "&& mount -t overlay none -o lowerdir=layers/low,upperdir=layers/up,"
              'workdir=layers/work merged && exec "$@"')
    words = [*wrap, "sh", "-c", script, "sh"]
    if subprocess.run([*words, "true"], capture_output=True, timeout=20).returncode:
        pytest.skip("the kernel mounts no overlay here")
    return words


def test_a_mapped_page_on_overlayfs_stays_though_its_server_cannot_be_seen(command, tmp_path):
    """There the kernel grants a lease on a mapped file: the layer below counts the mapping."""
    merged = tmp_path / "merged"
    with Page(merged, wrap=overlay(tmp_path)) as hidden:
        there = Path(f"/proc/{hidden.pid}/root")
        with Page(there / merged.relative_to("/")) as gone:
            assert gone.path.exists()
        # In a pid namespace of its own the command sees none of the two.
        apart = ["nsenter", "-t", str(hidden.pid), "-m", "unshare", "-p", "-f", "--mount-proc"]
        done = command("run", "--status", merged, "true", wrap=apart)
        assert done.returncode == 0, done.stderr
        assert (there / hidden.path.relative_to("/")).exists()
        assert gone.path.exists()  # not provably dead


def test_a_page_whose_maker_lives_stays_though_nobody_maps_it(command, tmp_path):
    """A server is about to map it, or a child has it that cannot be seen."""
    with Page(tmp_path) as maker:
        unmapped = tmp_path / f"lastcall-{os.getpid()}-{start_of(os.getpid())}"
        shutil.copy(maker.path, unmapped)
        assert command("run", "--status", tmp_path, "true").returncode == 0
        assert unmapped.exists()


# ---- A real server -----------------------------------------------------------------------------


def test_a_server_run_so_closes_on_the_last_response(command, stable):
    place = stable.place()
    server = servers.NAMED["http.server"]
    words = [str(command.program), "run", "-n", "3", "--status", "off", "--"]
    process = Process([*words, *server.command(place)], environment({}), place)
    try:
        process.wait_ready([place.port])
        with Client(place.port) as client:
            request = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
            said = [client.exchange(request) for _ in range(3)]
        assert ["close" in str(response.options()) for response in said] == [False, False, True]
        checked = command("check", process.popen.pid)
        assert checked.returncode == 0 and "the library is loaded" in checked.stdout
    finally:
        process.stop()
