"""lastcall check: the verdict on programs and processes, and that no file can upset it."""

import os
import random
import shutil
import struct
import subprocess

import pytest

from command_pages import command, page  # noqa: F401
from process import environment
from quiet import read
from waiting import until

VERDICTS = {0: "works", 1: "will not work"}


def verdict(done, status, *parts):
    assert done.returncode == status, done.stdout + done.stderr
    assert VERDICTS[status] in done.stdout.splitlines()[0]
    for part in parts:
        assert part in done.stdout


def program(path, text="#!/bin/sh\n"):
    path.write_text(text)
    path.chmod(0o755)
    return path


def compiled(tmp_path, source, *flags, compiler="gcc"):
    if not shutil.which(compiler):
        pytest.skip(f"install {compiler} to compile a program")
    (tmp_path / "source.c").write_text(source)
    made = subprocess.run([compiler, *flags, "-o", "program", "source.c"], cwd=tmp_path, timeout=60,
                          capture_output=True)
    if made.returncode:
        pytest.skip(f"{compiler} {flags} cannot link here")
    return tmp_path / "program"


ACCEPTS = "#include <sys/socket.h>\nint main(void) { return accept(0, 0, 0); }\n"
IDLE = "int main(void) { return 0; }\n"


# ---- Programs ----------------------------------------------------------------------------------


def test_a_dynamic_server_works(command, tmp_path):
    done = command("check", compiled(tmp_path, ACCEPTS))
    verdict(done, 0)
    assert "caution" not in done.stdout


def test_a_program_without_accept_works_with_a_caution(command, tmp_path):
    verdict(command("check", compiled(tmp_path, IDLE)), 0, "caution", "accept")


def test_a_static_program_will_not(command, tmp_path):
    verdict(command("check", compiled(tmp_path, ACCEPTS, "-static")), 1, "static")
    verdict(command("check", compiled(tmp_path, ACCEPTS, "-static-pie")), 1, "static")


def test_a_program_for_musl_works(command, tmp_path):
    verdict(command("check", compiled(tmp_path, ACCEPTS, compiler="musl-gcc")), 0)


def test_a_32_bit_program_will_not(command, tmp_path):
    image = bytearray(compiled(tmp_path, IDLE).read_bytes())
    image[4] = 1
    program(tmp_path / "old").write_bytes(image)
    verdict(command("check", tmp_path / "old"), 1, "32-bit")


def test_a_program_for_another_machine_will_not(command, tmp_path):
    image = bytearray(compiled(tmp_path, IDLE).read_bytes())
    image[18:20] = struct.pack("<H", 22)
    program(tmp_path / "other").write_bytes(image)
    verdict(command("check", tmp_path / "other"), 1, "S/390")


@pytest.mark.parametrize("mode, word", [(0o4755, "setuid"), (0o2755, "setgid")])
def test_a_privileged_program_will_not(command, tmp_path, mode, word):
    path = compiled(tmp_path, ACCEPTS)
    path.chmod(mode)
    verdict(command("check", path), 1, word)


def test_a_program_with_file_capabilities_will_not(command, tmp_path):
    path = compiled(tmp_path, ACCEPTS)
    try:  # cap_net_bind_service+ep, as setcap writes it
        os.setxattr(path, "security.capability", struct.pack("<5I", 0x02000001, 1024, 0, 0, 0))
    except OSError:
        pytest.skip("needs root and a file system with capabilities")
    verdict(command("check", path), 1, "capabilities")


def test_tls_inside_is_a_caution(command):
    if not shutil.which("nginx"):
        pytest.skip("install nginx for a server that ends TLS")
    verdict(command("check", "nginx"), 0, "TLS", "libssl")


def test_a_huge_file_of_holes_is_judged_in_little_memory(command, tmp_path):
    huge = compiled(tmp_path, ACCEPTS)
    os.truncate(huge, 2 ** 40)
    verdict(command("check", huge, wrap=["prlimit", f"--as={64 * 2 ** 20}"]), 0)


def test_go_is_known_by_what_stands_far_behind(command, tmp_path):
    """Without sections, its build information is found by its bytes, across any window."""
    path = program(tmp_path / "far", "")
    at = 3 * 2 ** 20 - 16
    header = struct.pack("<16sHHIQQQIHHHHHH", b"\x7fELF\2\1\1", 2, 62, 1, 0, 64, 0, 0, 64, 56, 1,
                         64, 0, 0)
    segment = struct.pack("<IIQQQQQQ", 1, 6, 0, 0x400000, 0, at + 64, at + 64, 4096)
    filled = (header + segment).ljust(at, b"x")
    path.write_bytes(filled + b"\xff Go build" + b"inf:" + bytes(48))
    verdict(command("check", path), 1, "Go")


# ---- Scripts -----------------------------------------------------------------------------------


def test_scripts_are_followed_to_the_interpreter(command, tmp_path):
    inner = program(tmp_path / "inner", "#!/usr/bin/perl -w\n")
    outer = program(tmp_path / "outer", f"#!{inner} x\n")
    verdict(command("check", outer), 0, f"{outer} -> {inner} -> /usr/bin/perl")


@pytest.mark.parametrize("line", ["#!/usr/bin/env perl", "#!/usr/bin/env -S perl -w",
                                  "#!/usr/bin/env -S A=b perl"])
def test_env_is_followed(command, tmp_path, line):
    verdict(command("check", program(tmp_path / "x", line + "\n")), 0, "/perl")


def test_a_shell_script_is_a_caution(command, tmp_path):
    verdict(command("check", program(tmp_path / "x")), 0, "check what it starts")


@pytest.mark.parametrize("line, word", [
    ("#!/usr/bin/env -S -i perl", "LD_PRELOAD"), ("#!/nowhere/perl", "is not here"),
    ("#!/usr/bin/env nowhere-to-be-found", "is not here"), ("#!", "neither"),
    ("#!{self}", "without end")])
def test_a_script_that_loses_its_way_will_not(command, tmp_path, line, word):
    path = tmp_path / "x"
    verdict(command("check", program(path, line.format(self=path) + "\n")), 1, word)


# ---- Hostile files -----------------------------------------------------------------------------


def hostile(image):
    numbers = random.Random(7)
    yield b""
    yield b"\x7fELF"
    for size in (5, 16, 63, 64, 65, 100, 1000, len(image) // 2, len(image) - 1):
        yield image[:size]
    for _ in range(60):
        spoiled = bytearray(image)
        for _ in range(numbers.choice([1, 4, 64])):
            place = numbers.randrange(numbers.choice([64, 1024, len(image)]))
            spoiled[place] = numbers.choice([0, 1, 0x7f, 0x80, 0xff, numbers.randrange(256)])
        yield bytes(spoiled)


def test_any_file_gets_a_verdict(command, tmp_path):
    image = compiled(tmp_path, ACCEPTS).read_bytes()
    for number, spoiled in enumerate(hostile(image)):
        path = tmp_path / f"hostile-{number}"
        path.write_bytes(spoiled)
        done = command("check", path)
        assert done.returncode in (0, 1) and "work" in done.stdout, (number, done)


def test_what_is_no_file_is_an_error(command, tmp_path):
    os.mkfifo(tmp_path / "fifo")
    for path in [tmp_path, tmp_path / "fifo", "/dev/zero", tmp_path / "nowhere", "nowhere-at-all"]:
        done = command("check", path)
        assert done.returncode == 2 and done.stderr and not done.stdout


def test_a_name_that_commands_the_terminal_is_only_shown(command, tmp_path):
    done = command("check", program(tmp_path / "\x1b[2Jx"))
    assert "\x1b" not in done.stdout + done.stderr


@pytest.mark.parametrize("words", [[], ["a", "b"], ["--all", "a"], [""]])
def test_bad_usage_is_refused(command, words):
    assert command("check", *words).returncode == 2


# ---- Processes ---------------------------------------------------------------------------------


def running(library=None, settings=None, words=("cat",)):
    return subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                            env=environment({}, library, settings))


def check_running(command, *how, **more):
    with running(*how, **more) as process:
        assert until(lambda: is_asleep(process.pid)), "it waits for no input"
        done = command("check", process.pid)
        process.stdin.close()
    return done


def is_asleep(pid):
    """Reading, that is, with all that it loads behind it."""
    return "State:\tS" in read(f"/proc/{pid}/status")


def test_a_process_without_the_library_is_told_so(command):
    verdict(check_running(command), 1, "not loaded")


def test_a_static_process_is_told_why(command, tmp_path, library):
    waits = "#include <unistd.h>\nint main(void) { char c; return (int)read(0, &c, 1); }\n"
    path = compiled(tmp_path, waits, "-static")
    verdict(check_running(command, library, {}, (str(path),)), 1, "not loaded", "static")


def test_a_process_with_the_library_but_no_page_works(command, library):
    verdict(check_running(command, library, {}), 0, "no status page")


@pytest.mark.parametrize("settings, word", [
    ({"LASTCALL": "off"}, "switched off"), ({"LASTCALL_AGE": "old"}, "LASTCALL_AGE=\"old\" is bad")])
def test_a_library_that_does_nothing_is_told_why(command, library, settings, word):
    verdict(check_running(command, library, settings), 1, word)


def test_no_process_is_an_error(command):
    assert command("check", 2 ** 22 + 1).returncode == 2
