"""A copy of a static Go program that begins in the guest by itself: a way in that traces nobody.

It is what an emulated machine is tested by; here, that it leads to the same end on this one.
"""

import subprocess
from dataclasses import replace

import pytest

from go import building, interpreted
from go.fixtures import own, told  # noqa: F401
from go.riding import crowd, sample
from servers import go
from support.messages import get, post


@pytest.fixture
def guest(library):
    return library.with_name("liblastcall-go.so")


@pytest.fixture
def copy(guest, tmp_path):
    return interpreted.write(building.built("nethttp"), guest, tmp_path / "copy")


@pytest.mark.parametrize("limit", [1, 7])
def test_its_connections_end_on_their_last_response(limit, copy, own, bare):
    server = replace(go.static, command=lambda place: [str(copy)], by_run=False)
    process, plain = own(server, limit, LD_PRELOAD=""), bare(go.static)
    wires = [get("/hello"), get("/chunks"), get("/file"), get("/exec"), post("/echo", b"x" * 300_000)]
    crowd(process, [(wire, sample(plain, wire)) for wire in wires], limit, 50 * limit)
    assert not told(process)


def test_without_a_limit_it_does_what_the_program_does(copy):
    done = subprocess.run([str(copy), "again"], capture_output=True, timeout=20)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"started again\n", b"")
