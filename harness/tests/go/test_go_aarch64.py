"""Go programs for aarch64, under an emulator: followed exactly, whatever the runtime does meanwhile.

Run by make aarch64, whose library lies beside the guest for that machine.
"""

import os
import re
import subprocess
from dataclasses import replace

import pytest

from go import aarch64, building, interpreted
from go.fixtures import own, told  # noqa: F401
from go.riding import crowd, ride, sample
from support import laws
from support.conversation import requests, talk
from support.messages import get, post

pytestmark = [pytest.mark.aarch64, pytest.mark.timeout(900)]

PATHS = {"hello": get("/hello"), "chunks": get("/chunks"), "flush": get("/flush"),
         "sendfile": get("/file"), "children": get("/exec"), "upload": post("/echo", b"x" * 300_000)}
CROWDED = [get("/hello"), get("/alloc"), get("/chunks"), get("/small.txt"), post("/echo", b"x" * 5000)]
SCENES = {"collection": {"GOGC": "5"}, "storm": {"STORM": "1"},
          "all": {"STORM": "1", "GOGC": "5", "GOMAXPROCS": "64", "PROFILE": "1000"}}
LIMIT, TOTAL = 10, 3000
CHILDREN = 200

limits = pytest.mark.parametrize("limit", [1, 7])


@pytest.fixture(scope="session")
def guest(library):
    return library.with_name("liblastcall-go.so")


@pytest.fixture
def followed(guest, tmp_path):
    return lambda server: aarch64.beginning_in(guest, server, tmp_path)


@pytest.fixture
def plain(own):
    return lambda server: own(server)


# ---- The files ---------------------------------------------------------------------------------


def test_the_guest_never_uses_the_register_of_gos_g(guest):
    """Go's signal handlers look for g in x28, also while the thread is in the guest. x18 is others'."""
    lines = aarch64.instructions(guest)
    assert len(lines) > 10_000
    assert not [line for line in lines if re.search(r"\b[xw](28|18)\b", line)]


@pytest.mark.parametrize("server", [aarch64.nethttp, *aarch64.esbuilds], ids=lambda server: server.name)
def test_every_program_has_the_place_once(server, stable):
    with open(server.command(stable.place())[0], "rb") as file:
        assert len(aarch64.places(file.read())) == 1


def test_every_register_comes_back(guest, tmp_path):
    """Of a call that the guest looks at, those that Go's assembler and linker keep for themselves apart."""
    program = interpreted.write(building.built("registers-arm64", "arm64"), guest, tmp_path / "registers")
    done = subprocess.run([*aarch64.EMULATOR, str(program)], capture_output=True, text=True, timeout=120,
                          env={**os.environ, "LASTCALL_REQUESTS": "3", "LASTCALL_STATUS": "off"})
    assert (done.returncode, done.stdout, done.stderr) == (0, "done\n", "")


# ---- The servers -------------------------------------------------------------------------------


@limits
@pytest.mark.parametrize("wire", PATHS.values(), ids=PATHS)
def test_connections_end_on_their_last_response(wire, limit, own, plain, followed):
    process = own(followed(aarch64.nethttp), limit)
    expected = sample(plain(aarch64.nethttp), wire)
    for _ in range(3):
        ride(process.port, wire, expected, limit)
    assert not told(process)


@limits
@pytest.mark.parametrize("server", aarch64.esbuilds, ids=lambda server: server.name)
def test_those_of_programs_that_nobody_here_built_do(server, limit, own, plain, followed):
    process = own(followed(server), limit)
    wires = [get("/small.txt"), get("/big.bin")]
    rides = [(wire, sample(plain(server), wire)) for wire in wires]
    crowd(process, rides, limit, 40 * limit)
    assert not told(process)


@pytest.mark.parametrize("scene", SCENES)
def test_they_do_whatever_goes_on(scene, own, plain, followed):
    process = own(followed(aarch64.nethttp), LIMIT, **SCENES[scene])
    bare = plain(aarch64.nethttp)
    crowd(process, [(wire, sample(bare, wire)) for wire in CROWDED], LIMIT, TOTAL)
    assert not told(process)


def test_they_do_among_children(own, plain, followed):
    """A child begins in its parent's memory, and its end is a signal to any of the threads."""
    process = own(followed(aarch64.nethttp), LIMIT, GOGC="5")
    wire = get("/exec")
    crowd(process, [(wire, sample(plain(aarch64.nethttp), wire))], LIMIT, CHILDREN)
    assert not told(process)


def test_a_program_in_other_words_runs_as_if_alone(own, plain, guest, tmp_path):
    def command(place):
        program = tmp_path / "changed"
        with open(aarch64.nethttp.command(place)[0], "rb") as file:
            program.write_bytes(aarch64.in_other_words(file.read()))
        return [str(program)]
    copies = tmp_path / "copies"
    copies.mkdir()
    changed = aarch64.beginning_in(guest, replace(aarch64.nethttp, command=command), copies)
    process, wire = own(changed, 2), get("/hello")
    expected = sample(plain(aarch64.nethttp), wire)
    answers = talk(process, requests(wire, wire, wire)).responses
    assert len(answers) == 3
    for answer in answers:
        laws.is_same(expected, answer)
    assert len(told(process)) == 1
