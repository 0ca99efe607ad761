"""Status pages come and go with their servers, cost little, and are for whom the operator names.

The servers only listen, which makes a page. What is full is a small tmpfs in a mount namespace.
"""

import json
import os
import shutil
import stat
import subprocess
import sys

import pytest

from conftest import HERE
from hosts import building
from hosts.paged import host, opened
from support.command_pages import (FIRST_WORKER, WORKER_SIZE, Page, command,  # noqa: F401
                                   folder_in_memory, in_namespaces)
from support.process import environment

STEP = 4096
LISTENS = """
import os, socket, sys
with socket.create_server(("127.0.0.1", 0)):
    print(os.getpid(), flush=True)
    sys.stdin.read()
"""
SERVER = [sys.executable, "-c", LISTENS]

# $0: a folder, where a tmpfs of so many bytes is mounted before the rest is run.
SMALL = 'mount -t tmpfs -o "size=$1" none "$0" && shift && exec "$@"'


class Server:
    def __init__(self, library, folder, wrap=(), **settings):
        settings = {"LASTCALL_STATUS": str(folder), **settings}
        self.process = subprocess.Popen([*wrap, *SERVER], stdin=subprocess.PIPE, text=True,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                        env=environment({}, library, settings))
        self.pid = int(self.process.stdout.readline())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.communicate(timeout=20)


@pytest.fixture
def folder():
    with folder_in_memory() as made:
        yield made


def names(folder):
    return {path.name for path in folder.iterdir()}


# ---- Of servers that are gone ------------------------------------------------------------------


def test_the_page_of_a_dead_server_goes_with_the_next_start(library, folder):
    with Server(library, folder):
        [first] = names(folder)
    assert names(folder) == {first}
    with Server(library, folder) as second:
        [page] = names(folder)
        assert page.startswith(f"lastcall-{second.pid}-")


def test_pages_in_use_stay_in_whichever_pid_namespace(library, folder):
    wrap = in_namespaces("-p", "-f", "--mount-proc", "--kill-child")
    with Server(library, folder), Server(library, folder, wrap=wrap):
        before = names(folder)
        with Server(library, folder), Server(library, folder, wrap=wrap):
            assert len(before) == 2 and before < names(folder) and len(names(folder)) == 4


def test_a_page_stays_while_a_forked_worker_maps_it(library, folder):
    forks = building.program("forks")
    with host(library, folder, forks, "1", "together") as (process, port):
        with opened(port):
            [page] = names(folder)
            with Server(library, folder):
                assert page in names(folder)
        process.stdin.close()


def test_what_is_no_page_of_a_known_version_stays(library, folder):
    (folder / "lastcall-1-2").write_text("mine")
    (folder / "lastcall-mine").mkdir()
    with Page(folder) as old, Page(folder):
        old.fill().put("I", 8, 3)
    before = names(folder)
    with Server(library, folder):
        assert before < names(folder) and len(before) == 4


CROWD = """
import subprocess, sys
from pathlib import Path
folder, *server = sys.argv[1:]
for number in range(40):
    with subprocess.Popen(server, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as one:
        pid = one.stdout.readline().strip()
        assert list(Path(folder).glob(f"lastcall-{pid}-*")), number
        one.kill()
        one.stdin.close()
"""


def test_servers_without_number_do_not_fill_a_small_folder(library, tmp_path):
    wrap = [*in_namespaces("-m", "--propagation", "private"), "sh", "-c", SMALL, str(tmp_path), "32k"]
    done = subprocess.run([*wrap, sys.executable, "-c", CROWD, str(tmp_path), *SERVER],
                          env=environment({}, library, {"LASTCALL_STATUS": str(tmp_path)}),
                          capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stderr


# ---- What a page costs -------------------------------------------------------------------------


def test_a_page_takes_as_much_as_its_workers_need(library, folder):
    with Server(library, folder):
        [page] = folder.iterdir()
        assert page.stat().st_blocks * 512 == STEP


def test_workers_for_whom_there_is_no_memory_share_a_place(library, tmp_path):
    """And nobody gets SIGBUS."""
    count = STEP // WORKER_SIZE + 4
    told = """
import sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from hosts.paged import answered, host, opened, places
with host(Path(sys.argv[2]), Path(sys.argv[3]), sys.argv[4], sys.argv[5], "together") as (process, port):
    for _ in range(int(sys.argv[5])):
        answered(opened(port))
    process.stdin.close()
    assert process.wait(20) == 0
    print(places(Path(sys.argv[3])))
"""
    forks = building.program("forks")
    wrap = [*in_namespaces("-m", "--propagation", "private"), "sh", "-c", SMALL, str(tmp_path), "4k"]
    done = subprocess.run([*wrap, sys.executable, "-c", told, str(HERE), str(library),
                           str(tmp_path), str(forks), str(count)], cwd=HERE,
                          env=environment({}), capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stderr
    (shared, *own) = eval(done.stdout)
    room = (STEP - FIRST_WORKER) // WORKER_SIZE - 1
    assert len(own) == room and shared == (0, 0, count - room)


# ---- For whom it is ----------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["0600", "0640", "0644", "0660", "0666"])
def test_the_mode_is_what_the_operator_says(library, folder, mode):
    with Server(library, folder, wrap=["sh", "-c", 'umask 077; exec "$@"', "sh"],
                LASTCALL_STATUS_MODE=mode):
        [page] = folder.iterdir()
        assert stat.S_IMODE(page.stat().st_mode) == int(mode, 8)


def test_any_other_mode_disables_the_library(library, folder):
    server = Server(library, folder, LASTCALL_STATUS_MODE="0777")
    _, told = server.process.communicate(timeout=20)
    assert 'LASTCALL_STATUS_MODE="0777": expected 0600, 0640, 0644, 0660 or 0666' in told
    assert not names(folder)


def test_the_folders_group_may_read_the_page_and_not_steer(library, folder, command):
    """As of an emptyDir with fsGroup: whoever has the group, a sidecar, needs no equal user."""
    if os.geteuid() != 0 or not shutil.which("setpriv"):
        pytest.skip("needs root and setpriv")
    group = 12_346
    os.chown(folder, 0, group)
    folder.chmod(0o2770)
    sidecar = [*in_namespaces("-p", "-f", "--mount-proc", "--kill-child"), "setpriv",
               "--reuid=12345", f"--regid={group}", "--clear-groups"]
    with Server(library, folder, LASTCALL_STATUS_MODE="0640") as server:
        done = command("status", folder, "--json", wrap=sidecar)
        assert done.returncode == 0, done.stderr
        [shown] = json.loads(done.stdout)["servers"]
        assert not shown["stale"] and not shown["holders_visible"]
        assert shown["page"] == str(next(folder.glob(f"lastcall-{server.pid}-*")))
        with open("/dev/null") as nothing:
            assert subprocess.run([*sidecar[-4:], "sh", "-c", f"exec 3<>{shown['page']}"],
                                  stderr=subprocess.PIPE, stdin=nothing).returncode
    [gone] = json.loads(command("status", folder, "--json", wrap=sidecar).stdout)["servers"]
    assert gone["stale"]
