"""deploy/systemd: systemd accepts the drop-in and the unit, and what they say does what they are for.

Knows the few words that it reads of them. No systemd runs here: the environment and the commands of the files are
carried out by hand.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import urllib.request

import pytest

from conftest import REPOSITORY
from support.client import Client
from support.command_pages import command  # noqa: F401
from support.messages import get
from support.process import Ports, Process, environment

FOLDER = REPOSITORY / "deploy" / "systemd"
UNIT = "[Unit]\nDescription=A server\nDocumentation=https://server.example/\n[Service]\nExecStart=/bin/sleep 9\n"


def words(name, key):
    """The values of a key."""
    return re.findall(rf"^{key}=(.*)$", (FOLDER / name).read_text(), re.M)


@pytest.fixture
def verify(library, tmp_path):
    """verify(drop_in): what systemd-analyze has against a unit with it, and against ours."""
    if not shutil.which("systemd-analyze"):
        pytest.skip("install systemd for systemd-analyze")

    def run(drop_in):
        folder = tmp_path / "units"
        (folder / "server.service.d").mkdir(parents=True, exist_ok=True)
        (folder / "server.service").write_text(UNIT)
        here = drop_in.replace("/usr/bin/lastcall", str(library.parent / "lastcall"))
        (folder / "server.service.d" / "lastcall.conf").write_text(here)
        metrics = (FOLDER / "lastcall-metrics.service").read_text()
        (folder / "lastcall-metrics.service").write_text(
            metrics.replace("/usr/bin/lastcall", str(library.parent / "lastcall")).replace("man:lastcall(1)",
                                                                                           "https://l.example/"))
        done = subprocess.run(["systemd-analyze", "verify", "--man=no", *sorted(folder.glob("*.service"))],
                              capture_output=True, text=True, timeout=60,
                              env=environment({"SYSTEMD_UNIT_PATH": f"{folder}:"}))
        return [line for line in done.stderr.splitlines() if str(folder) in line or "server.service" in line
                or "lastcall-metrics" in line]
    return run


def test_systemd_accepts_the_files(verify):
    assert verify((FOLDER / "lastcall.conf").read_text()) == []


@pytest.mark.parametrize("right, wrong", [("ExecStop=-/usr", "ExecStop=-usr"), ("RuntimeDirectory=", "RuntimeDir="),
                                          ("%N", "/../%N")])
def test_systemd_finds_what_is_wrong(verify, right, wrong):
    text = (FOLDER / "lastcall.conf").read_text()
    assert right in text and verify(text.replace(right, wrong, 1))


@pytest.fixture
def served(library, stable, tmp_path):
    """A server in the environment of the drop-in, as unit `web` has it; with what its specifiers stand for."""
    stands_for = {"%N": "web", "%t": str(tmp_path), "%%": "%", "/usr/lib/lastcall": str(library.parent),
                  "/usr/bin": str(library.parent)}

    def here(text):
        for name, value in stands_for.items():
            text = text.replace(name, value)
        return text
    [runtime] = words("lastcall.conf", "RuntimeDirectory")
    (tmp_path / here(runtime)).mkdir(parents=True)
    place = stable.place()
    given = dict(here(word).split("=", 1) for word in words("lastcall.conf", "Environment"))
    server = [sys.executable, "-m", "http.server", "--protocol", "HTTP/1.1", "--directory", str(place.www),
              str(place.port)]
    process = Process(server, environment({}) | given, place)
    process.wait_ready([place.port])
    process.here = here
    yield process
    process.stop()


def test_a_unit_with_the_drop_in_drains_when_it_is_stopped(served):
    [stop] = words("lastcall.conf", "ExecStop")
    assert stop.startswith("-/")  # a drain that leaves connections is no failed unit
    told = shlex.split(served.here(stop[1:]).replace("$MAINPID", str(served.popen.pid)))
    with Client(served.port) as client:
        assert client.exchange(get("/small.txt")).persists
        with subprocess.Popen(told, stdout=subprocess.PIPE, text=True, env=environment({})) as stopping:
            while client.exchange(get("/small.txt")).persists:
                pass  # bounded by the client's patience
            assert client.ending() == "FIN"
            client.socket.close()
            assert stopping.wait(40) == 0
            assert "no connection is open" in stopping.stdout.read()


def test_the_metrics_of_all_units_are_answered(served, library):
    [start] = words("lastcall-metrics.service", "ExecStart")
    port = Ports().free()
    told = shlex.split(served.here(start).replace("19464", str(port)))
    with subprocess.Popen(told, stdout=subprocess.PIPE, text=True, env=environment({})) as metrics:
        try:
            assert "/metrics is served" in metrics.stdout.readline()
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=20) as answer:
                text = answer.read().decode()
        finally:
            metrics.terminate()
            metrics.wait(20)
    assert f'lastcall_jitter_ratio{{pid="{served.popen.pid}"' in text


# ---- Who drops LD_PRELOAD ----------------------------------------------------------------------

def is_loaded(library, *wrap, program="/bin/grep"):
    done = subprocess.run([*wrap, program, "-q", "liblastcall", "/proc/self/maps"],
                          env=environment({}) | {"LD_PRELOAD": str(library)}, timeout=20)
    return done.returncode == 0


@pytest.fixture
def granted(library):
    """A program with a file capability, and a library that everybody may read."""
    if os.geteuid() != 0 or not shutil.which("setcap"):
        pytest.skip("needs root and setcap")
    with tempfile.TemporaryDirectory(dir="/var/tmp", prefix="lastcall-test") as folder:
        os.chmod(folder, 0o755)
        program = shutil.copy("/bin/grep", folder)
        subprocess.run(["setcap", "cap_net_bind_service+ep", program], check=True, timeout=20)
        yield shutil.copy(library, folder), program


AS_NOBODY = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]
AMBIENT = [*AS_NOBODY, "--inh-caps=+net_bind_service", "--ambient-caps=+net_bind_service"]


def test_a_program_with_file_capabilities_drops_the_preload(granted):
    """As images of ingress controllers have it. NoNewPrivileges, which is allowPrivilegeEscalation: false, takes the
    capabilities away and leaves the dropping."""
    library, program = granted
    assert not is_loaded(library, *AS_NOBODY, program=program)
    assert not is_loaded(library, *AS_NOBODY, "--no-new-privs", program=program)
    subprocess.run(["setcap", "-r", program], check=True, timeout=20)
    assert is_loaded(library, *AS_NOBODY, program=program)


def test_ambient_capabilities_keep_the_preload(granted):
    library, _ = granted
    assert is_loaded(library, *AMBIENT)
