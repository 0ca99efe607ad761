"""lastcall check: the verdict on programs and processes, and that no file can upset it."""

import os
import random
import shutil
import struct
import subprocess
import tempfile
from pathlib import Path

import pytest

from support.command_pages import command, in_namespaces, page  # noqa: F401
from support.process import environment
from support.quiet import read
from support.waiting import until

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
SHOWS = """#include <stdio.h>
int main(void) {
    FILE* maps = fopen("/proc/self/maps", "r");
    for (int c; maps && (c = getc(maps)) != EOF;) putchar(c);
    return !maps;
}
"""


# ---- Programs ----------------------------------------------------------------------------------


def test_a_dynamic_server_works(command, tmp_path):
    done = command("check", compiled(tmp_path, ACCEPTS))
    verdict(done, 0)
    assert "caution" not in done.stdout


def test_a_program_without_accept_works_with_a_caution(command, tmp_path):
    verdict(command("check", compiled(tmp_path, IDLE)), 0, "caution", "accept")


def test_a_static_program_will_not(command, tmp_path):
    verdict(command("check", compiled(tmp_path, ACCEPTS, "-static")), 1,
            "static (no PT_INTERP): no loader runs", "; what it starts is followed")
    verdict(command("check", compiled(tmp_path, ACCEPTS, "-static-pie")), 1, "static")


def test_of_a_program_for_musl_no_library_is_missing(command, tmp_path):
    """Its libc is its loader, and there may be no other file of that name."""
    called = "libc.musl-x86_64.so.1"
    (tmp_path / "libc.c").write_text("int accept(int a, void* b, void* c) { return -1; }\n")
    subprocess.run(["gcc", "-shared", "-nostdlib", f"-Wl,-soname,{called}", "-o", "libx.so", "libc.c"],
                   cwd=tmp_path,
                   timeout=60, check=True)
    path = compiled(tmp_path, ACCEPTS, f"-L{tmp_path}", "-lx", compiler="musl-gcc")
    assert called in subprocess.run(["readelf", "-d", path], capture_output=True, text=True,
                                    timeout=60).stdout
    done = command("check", path)
    verdict(done, 0)
    assert "not found" not in done.stdout


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


def capable(path):
    try:  # cap_net_bind_service+ep, as setcap writes it
        os.setxattr(path, "security.capability", struct.pack("<5I", 0x02000001, 1024, 0, 0, 0))
    except OSError:
        pytest.skip("needs root and a file system with capabilities")


PRIVILEGES = {"setuid": lambda path: path.chmod(0o4755), "setgid": lambda path: path.chmod(0o2755),
              "capabilities": capable}
AS_NOBODY = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]


@pytest.fixture
def open_folder():
    """Pytest's own are closed to others."""
    if os.geteuid() or not shutil.which("setpriv"):
        pytest.skip("needs root and setpriv")
    with tempfile.TemporaryDirectory(dir="/var/tmp", prefix="lastcall-test") as made:
        os.chmod(made, 0o755)
        yield Path(made)


@pytest.mark.parametrize("word", PRIVILEGES)
def test_a_privileged_program_will_not_for_who_gains_by_it(command, open_folder, word):
    path = compiled(open_folder, ACCEPTS)
    PRIVILEGES[word](path)
    verdict(command("check", path, wrap=AS_NOBODY), 1, word, "LD_PRELOAD")


@pytest.mark.parametrize("word, wrap", [
    *((word, []) for word in PRIVILEGES),
    *((word, [*AS_NOBODY, "--no-new-privs"]) for word in ("setuid", "setgid"))])
def test_a_privileged_program_works_for_who_gains_nothing(command, open_folder, word, wrap):
    path = compiled(open_folder, ACCEPTS)
    PRIVILEGES[word](path)
    verdict(command("check", path, wrap=wrap), 0, word, "gains nothing")


@pytest.mark.parametrize("word", PRIVILEGES)
@pytest.mark.parametrize("wrap", [[], AS_NOBODY, [*AS_NOBODY, "--no-new-privs"]])
def test_of_a_privileged_program_the_loader_is_of_the_same_mind(command, library, open_folder, word,
                                                              wrap):
    path = compiled(open_folder, SHOWS)
    PRIVILEGES[word](path)
    copy = open_folder / library.name
    shutil.copy(library, copy)
    foretold = command("check", path, wrap=wrap).returncode == 0
    seen = subprocess.run([*wrap, str(path)], env=environment({}, copy), capture_output=True, text=True,
                          timeout=60)
    assert seen.returncode == 0 and foretold == (str(copy) in seen.stdout)


@pytest.mark.parametrize("server", ["nginx", "haproxy", "node", "apache2", "lighttpd", "/usr/bin/python3"])
def test_of_tls_the_same_is_said_of_all(command, server):
    if not shutil.which(server):
        pytest.skip(f"install {server}")
    verdict(command("check", server), 0, "connections over TLS that it ends itself (")


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
    ("#!/usr/bin/env nowhere-to-be-found", "is not here"), ("#!{self}", "without end"),
    ("#!/usr/bin/env -i", "without end"), ("#!/usr/bin/env -i perl", "env -S"),
    ("#!/usr/bin/perl\r", "carriage return"), ("#!/usr/bin/env perl\r", "carriage return")])
def test_a_script_that_loses_its_way_will_not(command, tmp_path, line, word):
    path = tmp_path / "x"
    verdict(command("check", program(path, line.format(self=path) + "\n")), 1, word)


@pytest.mark.parametrize("text", ["exit 0\n", "#!\nexit 0\n", ""])
def test_a_text_without_an_interpreter_is_run_by_the_shell(command, tmp_path, text):
    path = program(tmp_path / "x", text)
    verdict(command("check", path), 0, f"{path} -> /bin/sh", "names no interpreter")
    done = command("run", "--status", "off", "--", path)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("text", ["#!/usr/bin/perl\r\n", "#!/usr/bin/env perl\r\n"])
def test_a_carriage_return_is_told_before_it_fails(command, tmp_path, text):
    done = command("run", "--status", "off", "--", program(tmp_path / "x", text))
    assert done.returncode == 127 and "does not start" in done.stderr
    assert "carriage return" in done.stderr and "as if without" not in done.stderr


def test_what_may_not_be_executed_is_told_so(command, tmp_path):
    path = tmp_path / "x"
    path.write_text("#!/bin/sh\n")
    verdict(command("check", path), 1, "lacks the x bit (status 126)")
    done = command("run", "--status", "off", "--", path)
    assert done.returncode == 126 and "does not start" in done.stderr


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


def test_a_process_whose_environment_is_a_new_one_is_told_so(command):
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE, env={"PATH": os.environ["PATH"]}) as new:
        assert until(lambda: is_asleep(new.pid)), "it waits for no input"
        done = command("check", new.pid)
        new.stdin.close()
    assert done.returncode == 1 and "no LD_PRELOAD in its environment" in done.stdout


def test_names_that_are_nearly_settings_are_told(command):
    given = {"PATH": os.environ["PATH"], "LASTCALL_REQUEST": "3", "LASTCAL_AGE": "5s",
             "LASTCALL_PORT": "tcp://10.0.0.1:80", "LASTCALL_SERVICE_HOST": "10.0.0.1"}
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE, env=given) as process:
        assert until(lambda: is_asleep(process.pid)), "it waits for no input"
        told = command("check", process.pid).stdout
        process.stdin.close()
    assert "LASTCALL_REQUEST is ignored; did you mean LASTCALL_REQUESTS?" in told
    assert "LASTCAL_AGE is ignored; did you mean LASTCALL_AGE?" in told
    assert "LASTCALL_PORT " not in told and "SERVICE_HOST" not in told


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


def test_that_privileges_took_the_preload_away_is_told(command, library, open_folder):
    path = compiled(open_folder, "#include <unistd.h>\n"
                    "int main(void) { char c; return (int)read(0, &c, 1); }\n")
    capable(path)
    copy = open_folder / library.name
    shutil.copy(library, copy)
    verdict(check_running(command, copy, {}, (*AS_NOBODY, str(path))), 1, "not loaded",
            "gained rights by its start")


def test_without_proc_no_process_is_denied(command):
    wrap = [*in_namespaces("-m"), "sh", "-c", 'umount -l /proc && exec "$@"', "sh"]
    done = command("check", os.getpid(), wrap=wrap)
    assert done.returncode == 2 and "/proc is not mounted" in done.stderr


def test_no_process_is_an_error(command):
    assert command("check", 2 ** 22 + 1).returncode == 2
