"""Servers by name and by port: whom a word means, what is said when it means several, and what
`status` tells so that one need not ask ps and ss.

The pages are made by hand; their processes are called as the test likes.
"""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from support.command_pages import Page, command, in_namespaces, page  # noqa: F401

LISTENS = "import socket; made = socket.create_server(('127.0.0.1', 0))"
# A worker that was exec'ed: it maps a page of its own, and not its parent's.
HAS_A_CHILD_WITH_A_PAGE = """
if not os.fork():
    page.close()
    start = open("/proc/self/stat").read().rpartition(")")[2].split()[19]
    fd = os.open(f"{folder}/lastcall-{os.getpid()}-{start}", os.O_RDWR | os.O_CREAT, 0o600)
    os.truncate(fd, size)
    page = mmap.mmap(fd, size)
    sys.stdin.read()
    os._exit(0)
"""
HAS_A_FORKED_WORKER = "if not os.fork(): sys.stdin.read(); os._exit(0)"


@pytest.fixture
def name(tmp_path):
    """One that no other process has."""
    return f"served-{os.getpid()}-{tmp_path.name[-3:]}"


def called(name):
    return ["bash", "-c", 'exec -a "$0" "$@"', name]


def servers(done):
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["servers"]


@pytest.fixture
def named(tmp_path, name):
    with Page(tmp_path, wrap=called(name), then=LISTENS) as made:
        yield made.fill()


def port_of(command, made):
    [server] = servers(command("status", made.pid, "--json"))
    [port] = server["listening"]
    return port


def words(command, named, name):
    return {"a name": name, "a port": f":{port_of(command, named)}"}


@pytest.fixture(params=["a name", "a port"])
def word(request, command, named, name):
    return words(command, named, name)[request.param]


# ---- One server --------------------------------------------------------------------------------


def test_a_word_is_as_good_as_the_pid_that_it_means(command, named, word):
    [server] = servers(command("status", word, "--json"))
    assert server["page"] == str(named.path)
    assert command("set", word, "requests=7").returncode == 0
    assert command("drain", word).returncode == 0
    assert named.word("requests") == 7 and named.word("drain_start")


def test_a_drain_by_a_word_waits_as_one_by_a_pid(command, named, word):
    named.count(open=2)
    done = command("drain", word, "--over", "1ms", "--wait")
    assert done.returncode == 3 and "2 connections still open" in done.stdout


def test_a_server_is_called_as_its_file_its_first_word_and_the_kernel_say(command, tmp_path, name):
    program = tmp_path / name[-15:]  # a script: the kernel calls it by the file's name
    program.write_text(f'#!{sys.executable}\nimport sys\ndel sys.argv[1:3]\nexec(sys.argv.pop(1))\n')
    program.chmod(0o755)
    with Page(tmp_path, wrap=["env", program]) as made:
        made.fill()
        [server] = servers(command("status", program.name, "--json"))
    assert server["page"] == str(made.path)


@pytest.mark.parametrize("then", [HAS_A_FORKED_WORKER, HAS_A_CHILD_WITH_A_PAGE],
                         ids=["forked", "exec'ed"])
def test_a_server_and_its_workers_are_one(command, tmp_path, name, then):
    with Page(tmp_path, wrap=called(name), then=then) as master:
        master.fill()
        done = command("set", name, "requests=7")
    assert "means" not in done.stderr
    assert master.word("requests") == 7


def test_workers_without_their_master_are_one_server(command, tmp_path, name):
    with Page(tmp_path) as maker:
        maker.fill()
        with Page(tmp_path, maker.path, wrap=called(name)), \
                Page(tmp_path, maker.path, wrap=called(name)):
            assert command("set", name, "requests=7").returncode == 0
    assert maker.word("requests") == 7


def test_what_has_no_page_stands_for_what_it_has_started(command, tmp_path, name):
    """As a supervisor, and as the parent of workers that are exec'ed."""
    script = f'exec -a {name} bash -c \'"$@"; exit\' bash "$@"'
    with Page(tmp_path, wrap=["bash", "-c", script, "bash"]) as made:
        made.fill()
        assert command("set", name, "requests=7").returncode == 0
    assert made.word("requests") == 7


# ---- Several -----------------------------------------------------------------------------------


@pytest.mark.parametrize("how", [["set", "requests=7"], ["drain"]], ids=["set", "drain"])
def test_several_servers_are_listed_and_left_as_they_are_unless_all_are_meant(command, tmp_path,
                                                                              named, name, how):
    subcommand, *more = how
    with Page(tmp_path, wrap=called(name)) as other:
        other.fill()
        done = command(subcommand, name, *more)
        assert done.returncode == 1 and "means 2 servers" in done.stderr and "--all" in done.stderr
        port = port_of(command, named)
        assert re.search(rf"^ +{named.pid}  {name} -c .*, listens on {port}$", done.stderr, re.M)
        assert re.search(rf"^ +{other.pid}  {name} -c ", done.stderr, re.M)
        for made in (named, other):
            assert (made.word("requests"), made.word("drain_start")) == (1000, 0)
        assert command(subcommand, name, "--all", *more).returncode == 0
        assert all(made.word("requests") == 7 or made.word("drain_start") for made in (named, other))
        assert len(servers(command("status", name, "--json"))) == 2


def test_a_supervisor_of_the_same_name_does_not_make_them_one(command, tmp_path):
    """Here pytest is, which has no page and started both."""
    with Page(tmp_path) as one, Page(tmp_path) as other:
        one.fill(), other.fill()
        [server] = servers(command("status", one.pid, "--json"))
        done = command("set", server["server"], "requests=7")
        assert done.returncode == 1 and "servers: give the pid" in done.stderr
        assert one.word("requests") == other.word("requests") == 1000


def test_a_name_means_no_container_below_unless_that_is_said(command, tmp_path, name):
    wrap = [*in_namespaces("-p", "-f", "--mount-proc", "--kill-child"), *called(name)]
    with Page(tmp_path, wrap=wrap) as inner:
        inner.fill()
        done = command("drain", name)
        assert done.returncode == 1 and "containers" in done.stderr and "--all" in done.stderr
        assert not inner.word("drain_start")
        assert command("drain", name, "--all").returncode == 0
        assert inner.word("drain_start")


@pytest.mark.parametrize("how", [["set", "requests=7"], ["drain"]], ids=["set", "drain"])
def test_a_name_of_what_started_a_container_is_told_to_leave_it_alone(command, tmp_path, name, how):
    subcommand, *more = how
    wrap = in_namespaces("-p", "-f", "--mount-proc", "--kill-child")
    with Page(tmp_path, wrap=[*called(name), *wrap]) as inner:
        inner.fill()
        done = command(subcommand, name, *more)
        assert done.returncode == 1 and "left alone" in done.stderr and not done.stdout
        assert (inner.word("requests"), inner.word("drain_start")) == (1000, 0)


@pytest.mark.skipif(os.geteuid() != 0, reason="root alone can become another")
def test_a_name_of_anothers_server_is_said_to_be_closed(command, tmp_path, named, name):
    for subcommand, more in (("status", []), ("set", ["requests=5"]), ("drain", [])):
        done = command(subcommand, name, *more, wrap=["setpriv", "--reuid=12399", "--clear-groups"])
        assert done.returncode == 1 and "ask as root" in done.stderr
        assert "has no status page" not in done.stderr


# ---- None --------------------------------------------------------------------------------------


def test_a_name_that_nobody_has_is_told_with_the_near_miss(command, tmp_path, page):
    [server] = servers(command("status", page.pid, "--json"))
    for subcommand, more in (("status", []), ("set", ["requests=5"]), ("drain", [])):
        done = command(subcommand, server["server"] + "x", *more)
        assert done.returncode == 1 and f"did you mean {server['server']}?" in done.stderr


def test_a_port_that_nobody_listens_on_is_told(command):
    with socket.create_server(("127.0.0.1", 0)) as bound:
        port = bound.getsockname()[1]
        done = command("drain", f":{port}")
        assert done.returncode == 1 and "has no status page" in done.stderr
        assert f"`lastcall check {os.getpid()}` says why" in done.stderr
    done = command("drain", f":{port}")
    assert done.returncode == 1 and f"nobody listens on port {port}" in done.stderr


def test_who_is_meant_by_a_word_is_judged_as_by_its_pid(command, named, name):
    port = f":{port_of(command, named)}"
    for words in ([port], ["--setup", port], ["--setup", name]):
        by_pid, by_word = (command("check", *words[:-1], what) for what in (named.pid, words[-1]))
        assert (by_word.returncode, by_word.stdout) == (by_pid.returncode, by_pid.stdout)
        assert f"process {named.pid}" in by_word.stdout


def test_a_port_of_a_server_without_a_page_is_judged_too(command):
    with socket.create_server(("127.0.0.1", 0)) as bound:
        done = command("check", f":{bound.getsockname()[1]}")
    assert done.returncode == 1 and f"process {os.getpid()}: will not work" in done.stdout


def test_a_process_of_that_name_without_a_page_is_told(command, name):
    with subprocess.Popen([*called(name), "cat"], stdin=subprocess.PIPE) as process:
        done = command("drain", name)
        process.stdin.close()
    assert done.returncode == 1 and f"process {process.pid} is called {name} and has no" in done.stderr


@pytest.mark.parametrize("bad", [":", ":0", ":65536", ":80x", "a/b", "a:b", "", "0", "99999999999"])
@pytest.mark.parametrize("subcommand, more", [("status", []), ("set", ["requests=7"]), ("drain", [])])
def test_what_is_neither_is_bad_usage(command, bad, subcommand, more):
    done = command(subcommand, bad, *more)
    assert done.returncode == 2 and done.stderr and not done.stdout


# ---- What status tells -------------------------------------------------------------------------


def test_the_command_line_and_the_ports_are_told(command, named, name):
    port = port_of(command, named)
    shown = command("status", named.pid).stdout
    assert re.search(rf"^  command +{name} -c ", shown, re.M)
    assert re.search(rf"^  listens on +{port}$", shown, re.M)
    [server] = servers(command("status", named.pid, "--json"))
    assert server["command"].startswith(f"{name} -c") and server["listening"] == [port]
    text = command("status", named.pid, "--prometheus").stdout
    assert re.search(rf'^lastcall_server_info\{{pid="{named.pid}",.*listening="{port}"\}} 1$', text, re.M)
    assert name not in text, "a command line may hold what not everybody is to read"


def test_a_server_that_listens_nowhere_is_shown_without_ports(command, page):
    assert "listens on" not in command("status", page.pid).stdout
    [server] = servers(command("status", page.pid, "--json"))
    assert server["listening"] == []


def test_a_server_of_another_network_namespace_is_shown_with_its_ports_and_not_meant_by_them(
        command, tmp_path):
    wrap = in_namespaces("-n")
    listens = ("import socket; os.system('ip link set lo up'); "
               "made = socket.create_server(('127.0.0.1', 1))")
    with Page(tmp_path, wrap=wrap, then=listens) as inner:
        inner.fill()
        assert port_of(command, inner) == 1
        assert "nobody listens" in command("drain", ":1").stderr


def test_the_start_time_is_that_of_the_process(command, page):
    [server] = servers(command("status", page.pid, "--json"))
    booted = re.search(r"^btime (\d+)$", Path("/proc/stat").read_text(), re.M)[1]
    started = int(booted) + page.start / os.sysconf("SC_CLK_TCK")
    assert server["start_time_seconds"] == pytest.approx(started, abs=0.01)
    text = command("status", page.pid, "--prometheus").stdout
    told = re.search(r"^lastcall_start_time_seconds\{.*\} (\S+)$", text, re.M)[1]
    assert float(told) == pytest.approx(started, abs=0.01)


def test_root_without_ptrace_finds_another_users_server_by_its_port(command, tmp_path):
    if os.geteuid() != 0 or not shutil.which("setpriv"):
        pytest.skip("needs root and setpriv")
    tmp_path.chmod(0o777)
    user = ["setpriv", "--reuid=12345", "--regid=12346", "--clear-groups"]
    bound = ["setpriv", "--bounding-set=-all,+setgid,+setuid,+dac_override", "--inh-caps=-all"]
    with Page(Path("/dev/shm"), wrap=user, then=LISTENS) as theirs:
        try:
            theirs.fill()
            port = port_of(command, theirs)
            done = command("drain", f":{port}", wrap=bound)
            assert done.returncode == 0, done.stderr
            assert theirs.word("drain_start")
        finally:
            theirs.path.unlink()
