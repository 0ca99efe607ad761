"""The command and Go programs: what check says of them, and what run says of what starts them.

Knows how Go programs are built, and the bytes of the place that lastcall looks for. The programs read
a byte and end; that servers are followed is not told here.
"""

import os
import shutil
import subprocess

import pytest

from support.command_pages import command  # noqa: F401
from support.process import environment
from support.quiet import read
from support.waiting import until

SOURCE = 'package main\n\nimport "os"\n\nfunc main() { os.Stdin.Read(make([]byte, 1)) }\n'
CGO = 'package main\n\nimport "C"\n'
SITE = bytes.fromhex("4989f24889fa4889ce4889df" "0f05483d01f0ffff")
# Building takes its time, and is done once, on one worker.
pytestmark = [pytest.mark.xdist_group("go-programs"), pytest.mark.timeout(600)]


def build(folder, name, cgo, *flags):
    sources = ["main.go", "cgo.go"] if cgo else ["main.go"]
    env = {**environment({}), "CGO_ENABLED": "1" if cgo else "0", "GO111MODULE": "off",
           "GOFLAGS": ""}
    done = subprocess.run(["go", "build", *flags, "-o", name, *sources], cwd=folder, env=env,
                          timeout=500, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return folder / name


@pytest.fixture(scope="module")
def sources(tmp_path_factory):
    if not shutil.which("go"):
        pytest.skip("install golang-go to compile a Go program")
    folder = tmp_path_factory.mktemp("go")
    (folder / "main.go").write_text(SOURCE)
    (folder / "cgo.go").write_text(CGO)
    return folder


@pytest.fixture(scope="module")
def static(sources):
    return build(sources, "static", False)


@pytest.fixture(scope="module")
def stripped(sources):
    return build(sources, "stripped", False, "-ldflags=-s -w -buildid=")


@pytest.fixture(scope="module")
def dynamic(sources):
    if not shutil.which("gcc"):
        pytest.skip("install gcc for a Go program that calls C")
    return build(sources, "dynamic", True)


@pytest.fixture(scope="module")
def noteless(dynamic, sources):
    return build(sources, "noteless", True, "-ldflags=-buildid=")


@pytest.fixture
def unknown(static, tmp_path):
    """As a Go that is to come: the same instructions, one of them in other bytes."""
    image = static.read_bytes()
    assert image.count(SITE) == 1
    other = bytes.fromhex("4c8bd6") + SITE[3:]
    return executable(tmp_path / "unknown", image.replace(SITE, other))


def executable(path, content):
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    path.chmod(0o755)
    return path


def version():
    return subprocess.run(["go", "env", "GOVERSION"], capture_output=True, text=True, check=True,
                          timeout=60).stdout.strip()


def says(done, status, *parts):
    assert done.returncode == status, done.stdout + done.stderr
    for part in parts:
        assert part in done.stdout
    assert "docs/go.md" in done.stdout
    return done.stdout


# ---- check PROGRAM -----------------------------------------------------------------------------


def test_a_static_one_works_by_run_with_a_caution(command, static):
    said = says(command("check", static), 0, "works, with a caution",
                f"a static Go program ({version()})", "LD_PRELOAD alone cannot reach it",
                'command: ["lastcall", "run", "--"', "TLS")
    assert "accept" not in said


def test_a_stripped_one_too(command, stripped):
    says(command("check", stripped), 0, "with a caution", "a static Go program")


def test_a_dynamic_one_works_by_a_preload_alone(command, dynamic):
    says(command("check", dynamic), 0, f"dynamic Go program ({version()})",
         "by `lastcall run` or LD_PRELOAD alone")


def test_a_dynamic_one_without_the_note_has_to_be_named(command, noteless):
    says(command("check", noteless), 0, "LASTCALL_GO=on")


def test_one_of_another_go_will_not_and_the_known_ones_are_named(command, unknown):
    says(command("check", unknown), 1, "will not work", "Go 1.16 to 1.27")


def test_one_with_the_place_twice_will_not(command, static, tmp_path):
    """Between two functions, where nothing runs."""
    image, padding = static.read_bytes(), b"\xcc" * len(SITE)
    assert padding in image
    doubled = executable(tmp_path / "doubled", image.replace(padding, SITE, 1))
    says(command("check", doubled), 1, "does not stand in it once")


@pytest.mark.parametrize("mode, word", [(0o4755, "setuid"), (0o2755, "setgid")])
def test_a_privileged_one_is_not_for_who_gains_by_it(command, static, tmp_path, mode, word):
    if os.geteuid():
        pytest.skip("needs root, to give a program away")
    copy = executable(tmp_path / "privileged", static.read_bytes())
    os.chown(copy, 1, 1)
    copy.chmod(mode)
    says(command("check", copy), 1, word, "lastcall would take that from it")
    os.chown(copy, 0, 0)
    copy.chmod(mode)
    says(command("check", copy), 0, word, "gains nothing")


# ---- check PID ---------------------------------------------------------------------------------


def checked(command, program, *how, before=()):
    words = [*map(str, before), str(program)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, env=environment({}, *how)) as process:
        assert until(lambda: waits(process.pid, program)), "it waits for no input"
        done = command("check", process.pid)
        process.stdin.close()
    return done


def waits(pid, program):
    """One of its threads is in a read of the input."""
    calls = [read(f"/proc/{pid}/task/{task}/syscall") for task in os.listdir(f"/proc/{pid}/task")]
    return os.readlink(f"/proc/{pid}/exe") == str(program) and \
        any(call.startswith("0 0x0 ") for call in calls)


@pytest.mark.parametrize("name", ["static", "dynamic", "noteless"])
def test_of_a_process_that_was_run_it_is_seen_that_it_is_patched(command, request, name):
    program = request.getfixturevalue(name)
    done = checked(command, program, before=[command.program, "run", "--status", "off", "--"])
    assert done.returncode == 0, done.stdout
    assert "a Go program, patched in memory" in done.stdout


def test_of_a_preloaded_dynamic_one_it_is_seen_too(command, dynamic, library):
    done = checked(command, dynamic, library, {})
    assert done.returncode == 0 and "patched in memory" in done.stdout


def test_of_a_static_one_that_was_preloaded_the_way_in_is_told(command, static, library):
    done = checked(command, static, library, {})
    assert done.returncode == 1 and "exec lastcall run -- PROGRAM" in done.stdout


def test_of_one_that_was_left_alone_it_is_told_by_what(command, dynamic, library):
    done = checked(command, dynamic, library, {"LASTCALL_GO": "off"})
    assert done.returncode == 1 and "switched off: LASTCALL_GO=off" in done.stdout


# ---- run ---------------------------------------------------------------------------------------


def run(command, *words, **extra):
    done = command("run", "--status", "off", "--", *words, extra=extra, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, done.stderr
    return done.stderr


def test_a_static_one_is_run_without_a_word(command, static, stripped):
    assert run(command, static) == run(command, stripped) == ""


def test_a_dynamic_one_is_run_without_a_word(command, dynamic, noteless):
    assert run(command, dynamic) == run(command, noteless) == ""


def test_one_of_another_go_is_run_with_a_line(command, unknown):
    said = run(command, unknown)
    assert said.count("\n") == 1 and "as if without lastcall: it is a static Go program" in said


def test_what_a_dynamic_one_without_the_note_starts_is_not_taken_for_go(command, library):
    """It has its environment."""
    done = subprocess.run(["/bin/true"], env=environment({}, library, {"LASTCALL_GO": "on"}),
                          capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")


INSIDE = "put `exec lastcall run -- {program} ...` inside the script"
SCRIPTS = {  # the script, its arguments, the advice
    "its arguments": ("#!/bin/sh\nset -e\nexec \"$@\"\n", ["{program}"], INSIDE),
    "a literal path": ("#!/bin/sh\n# the server\nexec {program} --flag\n", [], INSIDE),
    "its last line": ("#!/usr/bin/env bash\ncd /\n{program}\n", [], INSIDE),
    "a wrapper inside": ("#!/bin/sh\nexec env A=b {program}\n", [],
                         "put `lastcall run -- {program} ...` behind env")}


@pytest.mark.parametrize("kind", SCRIPTS)
def test_a_script_that_leads_to_a_static_one_is_told(command, static, tmp_path, kind):
    text, words, advice = SCRIPTS[kind]
    script = executable(tmp_path / "entry.sh", text.format(program=static))
    said = run(command, script, *(word.format(program=static) for word in words))
    assert said.count("\n") == 1 and "will run as if without lastcall" in said
    assert advice.format(program=static) in said


def test_a_wrapper_that_leads_to_a_static_one_is_told(command, static):
    said = run(command, "env", "A=b", static)
    assert said.count("\n") == 1 and f"put `lastcall run -- {static} ...` behind env" in said


def test_a_shell_that_leads_to_a_static_one_is_told(command, static):
    assert "static Go program" in run(command, "sh", "-c", f"cd / && exec {static}")


@pytest.mark.parametrize("text", [
    "#!/bin/sh\nexec {lastcall} run -- {program}\n", "#!/bin/sh\ntrue\n",
    "#!/bin/sh\n: {program}\n", "#!/usr/bin/perl\n# exec {program}\n"])
def test_of_other_scripts_nothing_is_said(command, static, tmp_path, text):
    script = executable(tmp_path / "entry.sh",
                        text.format(program=static, lastcall=command.program))
    assert run(command, script, "x") == ""


def test_of_a_script_that_leads_to_a_dynamic_one_nothing_is_said(command, dynamic, tmp_path):
    script = executable(tmp_path / "entry.sh", f"#!/bin/sh\nexec {dynamic}\n")
    assert run(command, script) == ""


def test_where_it_is_switched_off_nothing_is_said(command, static):
    for words in (["env", static], [static]):
        assert run(command, *words, LASTCALL_GO="off") == ""
