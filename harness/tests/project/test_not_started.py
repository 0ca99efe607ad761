"""A server, or the demo, that cannot start says why: never an empty reason.

Knows three ways of not starting: it ends, it only writes into a log of its own, nothing reaches it.
Starts no real server.
"""

import subprocess
import sys

import pytest

from conftest import HERE
from servers.description import Place
from support import process
from support.command_pages import in_namespaces
from support.process import NotStarted, Ports, Process, environment

DEMO = HERE / "demo.py"


@pytest.fixture
def why(tmp_path, monkeypatch):
    """why(script): what is told of a server that this shell script is."""
    monkeypatch.setattr(process, "PATIENCE", 0.5)

    def told(script):
        place = Place(Ports().free(), tmp_path, tmp_path, tmp_path)
        server = Process(["sh", "-c", script], environment({}), place)
        with pytest.raises(NotStarted) as failure:
            server.wait_ready([place.port])
        return str(failure.value), place.port
    return told


def test_of_one_that_ended_its_status_and_words_are_told(why):
    assert "ended with status 7\nno such port" in why("echo no such port >&2; exit 7")[0]


def test_of_one_that_ended_in_silence_the_silence_is_told(why):
    assert "ended with status 7\nIt printed nothing." in why("exit 7")[0]


def test_of_one_that_only_writes_a_log_the_log_is_told(why):
    assert "FATAL: another user's" in why("echo \"FATAL: another user's\" >cache.log; exit 1")[0]


def test_of_one_that_lives_and_does_not_listen_the_refusal_is_told(why):
    words, port = why("exec sleep 60")
    assert f"127.0.0.1:{port} does not answer" in words and "refused" in words


def test_without_a_loopback_the_demo_says_so(library):
    done = subprocess.run([*in_namespaces("--net"), sys.executable, DEMO, "--build", library.parent],
                          capture_output=True, text=True, timeout=120, env=environment({}))
    assert done.returncode == 1
    assert "Network is unreachable" in done.stderr and "ip link set lo up" in done.stderr
    assert "Traceback" not in done.stderr
