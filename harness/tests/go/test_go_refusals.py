"""Whatever is refused, the Go server runs: followed if it could be, else untouched, and one line says so.

A place where something is refused is made by whatever starts the command. Every server here answers as
the bare one in the same place does, and ends as that does.
"""

import functools
import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from go import building, elf
from go.fixtures import own, told  # noqa: F401
from go.parameters import on, static_and_dynamic
from go.riding import ends_exactly
from hosts.building import compiled
from servers import go
from support.command_pages import in_namespaces
from support.content import make_folder, remove_root
from support.conversation import is_as_bare, requests, talk
from support.messages import get, post
from support.waiting import PATIENCE, until

LIMIT = 7
STARTS = 30
NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
root_alone = pytest.mark.skipif(os.geteuid() != 0, reason="root alone can start a server as somebody else")
MEGABYTE = 1 << 20


def variant_of(server):
    return server.name.removeprefix("go-")


def script():
    turn = [get("/hello"), get("/small.txt"), post("/echo", b"x" * 1000), get("/chunks"), get("/exec")]
    return requests(*(turn[number % len(turn)] for number in range(LIMIT + 1)))


def is_followed(alone, process):
    plain = talk(alone, script()).responses
    assert len(plain) == LIMIT + 1
    ends_exactly(process, script(), plain, LIMIT)
    assert not told(process)
    ends_as(alone, process)


def is_untouched(alone, process, lines=1):
    is_as_bare(talk(alone, script()), talk(process, script()))
    assert len(told(process)) == lines, told(process)
    ends_as(alone, process)


def is_followed_or_untouched(alone, process):
    (is_untouched if told(process) else is_followed)(alone, process)


def ends_as(alone, process):
    for each in (alone, process):
        each.popen.send_signal(signal.SIGTERM)
        assert until(each.exited, PATIENCE)
    assert process.popen.returncode == alone.popen.returncode == -signal.SIGTERM


# ---- Places in which something is refused ------------------------------------------------------


def confined(rule):
    path = compiled("confined", ("confined.c",))
    possible = subprocess.run([str(path), rule, "true"], capture_output=True, timeout=20)
    if possible.returncode:
        pytest.skip(f"{rule} cannot be refused here")
    return [str(path), rule]


@pytest.mark.parametrize("rule", ["process_vm", "memfd", "mprotect", "mmap", "mdwe"])
@static_and_dynamic
def test_where_the_kernel_refuses_a_server_is_followed_or_untouched(server, rule, own):
    wrap = confined(rule)
    is_followed_or_untouched(own(server, wrap=wrap), own(server, LIMIT, wrap=wrap))


@on([go.static])
def test_where_nobody_may_trace_a_static_server_runs_untouched(server, own):
    wrap = confined("ptrace")
    is_untouched(own(server, wrap=wrap), own(server, LIMIT, wrap=wrap))


@on([go.cgo, go.pie])
def test_where_nobody_may_trace_a_dynamic_server_is_followed(server, own):
    wrap = confined("ptrace")
    is_followed(own(server, wrap=wrap), own(server, LIMIT, wrap=wrap))


# The command itself looks there for its libraries.
@on([go.cgo, go.pie])
def test_without_proc_a_server_is_followed_or_untouched(server, own):
    wrap = [*in_namespaces("--mount"), "sh", "-c", 'umount -l /proc && exec "$@"', "sh"]
    is_followed_or_untouched(own(server, wrap=wrap), own(server, LIMIT, wrap=wrap))


@root_alone
@static_and_dynamic
def test_somebody_without_any_privilege_is_followed(server, own, reachable):
    wrap = [*NOBODY, "--no-new-privs", "--inh-caps=-all", "--bounding-set=-all"]
    is_followed(own(server, command=reachable(server), wrap=wrap, by=reachable.library),
                own(server, LIMIT, command=reachable(server), wrap=wrap, by=reachable.library))


@pytest.mark.parametrize("more", [4, 8, 12, 20, 40, 80, 200])
@on([go.static, go.pie])
def test_with_little_address_space_a_server_is_followed_or_untouched(server, more, own):
    """What is taken for us is not there for the server, and it must not die of that."""
    wrap = ["prlimit", f"--as={least_address_space(variant_of(server)) + more * MEGABYTE}"]
    is_followed_or_untouched(own(server, wrap=wrap), own(server, LIMIT, wrap=wrap))


@functools.cache
def least_address_space(variant):
    """In which the program starts and ends at once, in whole megabytes."""
    program = building.built("nethttp", variant)
    low, high = 0, 4096
    while high - low > 1:
        middle = (low + high) // 2
        words = ["prlimit", f"--as={middle * MEGABYTE}", str(program), "again"]
        fails = subprocess.run(words, capture_output=True, timeout=60).returncode
        low, high = (middle, high) if fails else (low, middle)
    return high * MEGABYTE


@pytest.mark.parametrize("limit", ["--nproc=40", "--nofile=64:64", "--stack=262144", "--core=0",
                                   "--memlock=0"])
@static_and_dynamic
def test_under_the_usual_limits_a_server_is_followed(server, limit, own):
    if "nproc" in limit and os.geteuid() != 0:
        pytest.skip("all that this user runs would count")
    wrap = ["prlimit", limit]
    is_followed(own(server, wrap=wrap), own(server, LIMIT, wrap=wrap))


@pytest.mark.parametrize("size", [200_000_000, 1 << 40])
@static_and_dynamic
def test_where_its_data_is_limited_a_server_runs_untouched(server, size, own):
    wrap = ["prlimit", f"--data={size}"]
    is_untouched(own(server, wrap=wrap), own(server, LIMIT, wrap=wrap))


# ---- Programs that are not to be touched -------------------------------------------------------


@pytest.fixture
def reachable(library):
    """A folder that everybody may enter, with the command, its libraries, and programs made for it."""
    folder = make_folder()
    for name in ("lastcall", "liblastcall.so", "liblastcall-go.so"):
        if (library.parent / name).exists():
            shutil.copy(library.parent / name, folder)

    def command(server, change=lambda path: None):
        path = folder / f"server-{len(os.listdir(folder))}"
        shutil.copy(building.built("nethttp", variant_of(server)), path)
        path.chmod(0o755)
        change(path)
        return lambda place: [str(path)]

    command.library = folder / "liblastcall.so"
    yield command
    remove_root(folder)


def setuid(path):
    path.chmod(0o4755)


def setgid(path):
    path.chmod(0o2755)


def capable(path):
    subprocess.run(["setcap", "cap_net_bind_service=ep", str(path)], check=True, timeout=20)


def credentials(process):
    lines = Path(f"/proc/{process.popen.pid}/status").read_text().splitlines()
    return [line for line in lines if line.startswith(("Uid", "Gid", "CapEff", "CapPrm"))]


@root_alone
@pytest.mark.parametrize("change", [setuid, setgid, capable])
@on([go.static, go.cgo])
def test_a_program_with_privileges_keeps_them_and_is_never_touched(server, change, own, reachable):
    ordinary = own(server, command=reachable(server), wrap=NOBODY)
    alone = own(server, command=reachable(server, change), wrap=NOBODY)
    if credentials(alone) == credentials(ordinary):
        pytest.skip("privileges cannot be given here")
    process = own(server, LIMIT, command=reachable(server, change), wrap=NOBODY, by=reachable.library)
    assert credentials(process) == credentials(alone)
    # A dynamic one is stripped of its preload, and nobody is there to tell.
    is_untouched(alone, process, lines=1 if server.by_run else 0)


@root_alone
@on([go.static])
def test_a_program_that_may_be_run_but_not_read_runs_untouched(server, own, reachable):
    command = reachable(server, lambda path: path.chmod(0o711))
    alone = own(server, command=command, wrap=NOBODY)
    is_untouched(alone, own(server, LIMIT, command=command, wrap=NOBODY, by=reachable.library))


def gone(path):
    path.unlink()


def cut_short(path):
    path.write_bytes(path.read_bytes()[:100_000])


@static_and_dynamic
def test_without_the_library_for_go_a_server_runs_untouched(server, own, reachable):
    gone(reachable.library.parent / "liblastcall-go.so")
    is_untouched(own(server), own(server, LIMIT, by=reachable.library))


@on([go.static])
def test_with_a_part_of_the_library_for_go_a_static_server_runs_untouched(server, own, reachable):
    """(Of a dynamic one it is the loader's to read the file, and it dies of such ones.)"""
    cut_short(reachable.library.parent / "liblastcall-go.so")
    is_untouched(own(server), own(server, LIMIT, by=reachable.library))


@on([go.static])
def test_who_was_to_bring_the_library_and_could_not_is_no_child_of_the_server(server, own, reachable):
    cut_short(reachable.library.parent / "liblastcall-go.so")
    for _ in range(STARTS):
        process = own(server, LIMIT, by=reachable.library)
        assert not [file.read_text() for file in tasks(process) if file.read_text()]


def tasks(process):
    return Path(f"/proc/{process.popen.pid}/task").glob("*/children")


@static_and_dynamic
def test_switched_off_for_go_a_server_runs_untouched(server, own):
    process = own(server, LIMIT, LASTCALL_GO="off")
    assert len(told(process)) <= 1
    is_untouched(own(server), process, lines=len(told(process)))


# ---- The place in the program ------------------------------------------------------------------


def changed(how):
    return lambda path: path.write_bytes(how(path.read_bytes()))


@pytest.mark.parametrize("how", [elf.in_other_words, elf.twice])
@on([go.static, go.cgo, go.pie])
def test_where_the_place_is_not_exactly_one_a_server_runs_untouched(server, how, own, reachable):
    command = reachable(server, changed(how))
    is_untouched(own(server, command=command), own(server, LIMIT, command=command))


def test_the_same_bytes_as_data_are_no_second_place(own):
    server = go.nethttp("decoy")
    data = building.built("nethttp", "decoy").read_bytes()
    assert data.count(elf.SIGNATURE) == 2 and len(elf.places(data)) == 1
    is_followed(own(server), own(server, LIMIT))


# ---- Scripts -----------------------------------------------------------------------------------


def scripted(line, server=go.static):
    """A server behind a wrapper script, as images have one for an entry point."""
    def command(place):
        program, = server.command(place)
        path = place.write("entrypoint.sh", f"#!/bin/sh\nset -e\n{line.format(program=program)}\n")
        path.chmod(0o755)
        return [str(path)]
    return command


def test_a_script_that_starts_a_static_server_is_told_of(own):
    command = scripted('exec {program} "$@"')
    process = own(go.static, LIMIT, command=command)
    is_untouched(own(go.static, command=command), process)


@pytest.mark.parametrize("limit", [LIMIT, None], ids=["under another", "alone"])
def test_a_script_that_runs_its_server_by_the_command_has_it_followed(limit, own, library):
    inside = f"exec {library.parent}/lastcall run -n {LIMIT} --status off -- {{program}}"
    process = own(go.static, limit, command=scripted(inside))
    ends_exactly(process, script(), talk(own(go.static), script()).responses, LIMIT)


def test_a_script_that_starts_a_dynamic_server_has_it_followed(own):
    is_followed(own(go.cgo), own(go.cgo, LIMIT, command=scripted("exec {program}", go.cgo)))
