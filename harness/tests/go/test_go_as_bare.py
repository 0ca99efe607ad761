"""A Go server that is followed is the process it would be: its names, its place, its signals, its end.

What the kernel tells of it is compared with what it tells of a bare one. Refuses to know what was done.
"""

import os
import re
import shutil
import signal
from pathlib import Path

import pytest

from go.fixtures import own  # noqa: F401
from go.parameters import on, static_and_dynamic
from go.riding import ends_exactly
from servers import go
from support.client import Client
from support.conversation import requests, talk
from support.messages import get
from support.process import OUR_NAMES, family
from support.quiet import rest
from support.waiting import PATIENCE, until

LIMIT = 7
STARTS = 12
STATUS = ("Name", "Umask", "Tgid", "TracerPid", "Uid", "Gid", "Groups", "SigQ", "SigPnd", "ShdPnd", "SigBlk",
          "SigIgn", "SigCgt", "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb", "NoNewPrivs", "Seccomp",
          "Cpus_allowed_list", "CoreDumping", "THP_enabled")
OWN_NUMBERS = re.compile(r"\b\d+\b")


def proc(process, name):
    return Path(f"/proc/{process.popen.pid}/{name}").read_bytes()


def used(process):
    """As it is once it has served a connection to its end."""
    talk(process, requests(*[get("/hello")] * LIMIT))
    rest(process)
    return process


def pair(own, server, **how):
    return used(own(server, **how)), used(own(server, LIMIT, **how))


# ---- What the kernel tells ---------------------------------------------------------------------


def status(process):
    lines = (line.partition(":\t") for line in proc(process, "status").decode().splitlines())
    return {name: value for name, _, value in lines if name in STATUS}


def dispositions(process):
    """Of its signals, and who it is to the kernel; its own numbers are its own."""
    found = status(process)
    assert found.pop("Tgid") == str(process.popen.pid)
    assert found.pop("SigQ").split("/")[0].isdigit()
    return found


def executable(process):
    return os.readlink(f"/proc/{process.popen.pid}/exe")


def variables(process):
    """The environment, but for what any run gives and what differs from run to run."""
    found = dict(each.split("=", 1) for each in proc(process, "environ").decode().split("\0") if each)
    return {name: value.replace(str(process.port), "PORT") for name, value in found.items()
            if not OUR_NAMES.fullmatch(name) and name not in ("HOME", "PWD", "OLDPWD", "_")}


def descriptors(process):
    folder = f"/proc/{process.popen.pid}/fd"
    return sorted((int(number), OWN_NUMBERS.sub("#", os.readlink(f"{folder}/{number}")))
                  for number in os.listdir(folder))


FACTS = {
    "executable": executable, "comm": lambda process: proc(process, "comm"),
    "cmdline": lambda process: proc(process, "cmdline"), "environment": variables,
    "limits": lambda process: proc(process, "limits"), "dispositions": dispositions,
    "descriptors": descriptors, "personality": lambda process: proc(process, "personality"),
    "namespaces": lambda process: sorted(os.readlink(f"/proc/{process.popen.pid}/ns/{name}")
                                         for name in ("pid", "mnt", "net", "user")),
    "out of memory": lambda process: proc(process, "oom_score_adj"),
    "core": lambda process: proc(process, "coredump_filter"),
    "place": lambda process: Path(os.readlink(f"/proc/{process.popen.pid}/cwd")).name[:7],
}


@static_and_dynamic
def test_the_kernel_tells_of_it_what_it_tells_of_a_bare_one(server, own):
    bare, followed = pair(own, server)
    differing = {name: (fact(bare), fact(followed)) for name, fact in FACTS.items()
                 if fact(bare) != fact(followed)}
    assert not differing


@static_and_dynamic
def test_it_is_the_only_process_and_has_no_child(server, own):
    """No helper stays beside it, not even a dead one."""
    _, followed = pair(own, server)
    assert list(family(followed.popen.pid)) == [followed.popen.pid]
    threads = os.listdir(f"/proc/{followed.popen.pid}/task")
    assert not any(proc(followed, f"task/{thread}/children") for thread in threads)


@static_and_dynamic
def test_it_has_no_thread_more_once_it_has_started(server, own):
    """Go makes threads when a call takes long, as on a busy machine: of several starts the fewest are
    those that it needs."""
    bare, followed = [], []
    for _ in range(STARTS):
        bare.append(threads_when_at_rest(own(server, GOMAXPROCS="1")))
        followed.append(threads_when_at_rest(own(server, LIMIT, GOMAXPROCS="1")))
        if min(bare) == min(followed):
            break
    assert min(bare) == min(followed), (bare, followed)


def threads_when_at_rest(process):
    rest(process)
    return len(os.listdir(f"/proc/{process.popen.pid}/task"))


@pytest.mark.parametrize("ignored", ["", "INT", "CHLD", "HUP PIPE USR1"])
@static_and_dynamic
def test_signals_that_were_ignored_when_it_was_started_still_are(server, ignored, own):
    """The command must not leave its own dispositions behind, nor its parent's differently."""
    wrap = ["sh", "-c", f"trap '' {ignored}; exec \"$@\"" if ignored else 'exec "$@"', "sh"]
    bare, followed = pair(own, server, wrap=wrap)
    assert dispositions(bare) == dispositions(followed)


def test_a_mask_of_blocked_signals_is_inherited(own):
    wrap = ["/usr/bin/python3", "-c", "import os, signal, sys\n"
            "signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR2, signal.SIGCHLD, signal.SIGRTMIN})\n"
            "os.execvp(sys.argv[1], sys.argv[1:])"]
    bare, followed = pair(own, go.static, wrap=wrap)
    assert dispositions(bare)["SigBlk"] == dispositions(followed)["SigBlk"]


# ---- Its end -----------------------------------------------------------------------------------


def ended(process):
    assert until(process.exited, PATIENCE)
    return process.popen.returncode


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL, signal.SIGSEGV,
                                    signal.SIGHUP, signal.SIGABRT], ids=lambda number: number.name)
@static_and_dynamic
def test_a_signal_ends_it_as_it_ends_a_bare_one(server, number, own):
    ends = []
    for process in pair(own, server):
        process.popen.send_signal(number)
        ends.append(ended(process))
    assert ends[0] == ends[1]


@pytest.mark.parametrize("wanted", [0, 7, 255])
@static_and_dynamic
def test_its_exit_status_is_its_own(server, wanted, own):
    process = own(server, LIMIT)
    with Client(process.port) as client:
        client.send(get(f"/exit?status={wanted}"))
        client.ending()
    assert ended(process) == wanted


GOROUTINE = re.compile(r"^goroutine \d+ \[([a-zA-Z ]+)", re.MULTILINE)


def dumped(process):
    """Its exit status, and whether it told of the signal, of main and of who waits for clients."""
    process.popen.send_signal(signal.SIGQUIT)
    status = ended(process)
    said = process.stderr()
    return status, "SIGQUIT: quit" in said, "main.main()" in said, "IO wait" in GOROUTINE.findall(said)


@pytest.mark.parametrize("traceback", ["single", "all", "system", "crash"])
@static_and_dynamic
def test_asked_for_a_dump_it_tells_its_goroutines(server, traceback, own):
    bare, followed = (dumped(process) for process in pair(own, server, GOTRACEBACK=traceback))
    assert bare == followed
    assert bare[1:] == (True, True, True)


def test_a_dump_under_load_is_whole(own):
    """Goroutines are inside calls then, some of them ours."""
    for _ in range(5):
        process = own(go.static, LIMIT, GOTRACEBACK="all")
        talk(process, requests(*[get("/alloc")] * LIMIT))
        for _ in range(20):
            talk(process, requests(get("/file")))
        assert dumped(process) == (2, True, True, True)


# ---- Where it is -------------------------------------------------------------------------------


PATHS = f"bin:{os.environ['PATH']}"  # a server starts in a folder of its own


def by_link(place, program):
    os.symlink(program, place.scratch / "server")
    return "./server"


def by_path(place, program):
    shutil.copy(program, place.folder("bin") / "a-server")
    return "a-server"


def oddly(place, program):
    path = place.folder("a folder; with 'a name") / "s\u00ebrver (deleted)"
    shutil.copy(program, path)
    return str(path)


@pytest.mark.parametrize("way", [by_link, by_path, oddly])
@on([go.static, go.pie])
def test_however_it_is_named_it_is_followed_and_known_by_that_name(server, way, own, bare):
    def named(place):
        return [way(place, server.command(place)[0])]

    def tells(process):
        facts = [os.fsencode(executable(process)), proc(process, "comm"), proc(process, "cmdline")]
        return [fact.replace(bytes(process.place.scratch), b"") for fact in facts]

    script = requests(*[get("/hello")] * (LIMIT + 1))
    plain = talk(bare(server), script).responses
    alone = own(server, command=named, PATH=PATHS)
    followed = own(server, LIMIT, command=named, PATH=PATHS)
    ends_exactly(followed, script, plain, LIMIT)
    assert tells(alone) == tells(followed)


# ---- Once more ---------------------------------------------------------------------------------


@static_and_dynamic
def test_it_finds_itself_and_starts_itself_again(server, own):
    process = own(server, LIMIT)
    response, = talk(process, requests(get("/again"))).responses
    assert response.content == b"started again\n<nil>\n"


@on([go.static])
def test_a_stopped_server_goes_on_where_it_was(server, own, bare):
    script = requests(*[get("/hello")] * (LIMIT + 1))
    plain = talk(bare(server), script).responses
    process = own(server, LIMIT)
    for _ in range(10):
        process.popen.send_signal(signal.SIGSTOP)
        process.popen.send_signal(signal.SIGCONT)
        ends_exactly(process, script, plain, LIMIT)
