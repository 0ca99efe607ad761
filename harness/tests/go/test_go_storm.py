"""What may come between the runtime and a hand inside its system calls: preemption, collection, stacks
that grow, children, profiles, traces, more processors than there are. Under each of them, and load, a
Go server's connections end exactly and every byte is right.

In short every day; at length in make suites.
"""

import pytest

from go import building
from go.fixtures import own, told  # noqa: F401
from go.parameters import on, parameter
from go.riding import crowd, sample
from servers import go
from support.conversation import requests, talk
from support.messages import get, post

LIMIT = 10
FEW, MANY = 3_000, 100_000
HOUR = 3600
HURRIED = {"GOGC": "5"}

SCENES = {
    "collection": HURRIED,
    "storm": {"STORM": "1"},
    "sixty-four": {"GOMAXPROCS": "64"},
    "one": {"GOMAXPROCS": "1"},
    "profile": {"PROFILE": "1000"},
    "usual profile": {"PROFILE": "100"},
    "trace": {"TRACE": "1"},
    "no preemption": {"GODEBUG": "asyncpreemptoff=1"},
    "checks": {"GODEBUG": "gccheckmark=1", "GOGC": "50"},
    "all": {"STORM": "1", "GOGC": "5", "GOMAXPROCS": "64", "PROFILE": "1000"},
}

sizes = pytest.mark.parametrize("total", [FEW, pytest.param(MANY, marks=[pytest.mark.suites,
                                                                        pytest.mark.timeout(HOUR)])])
race, = (server for server in go.built if server.name == "go-race")
builds = pytest.mark.parametrize("server", [parameter(server) for server in go.built if server.name in (
    "go-static", "go-cgo", "go-pie", "go-cgo-static", "go-race")])


def rides(process):
    """What is asked for, and what a bare server says to it."""
    wires = [get("/hello"), get("/alloc"), get("/chunks"), get("/small.txt"), post("/echo", b"x" * 5000)]
    return [(wire, sample(process, wire)) for wire in wires]


def carried(process, plain, total, limit=LIMIT, clients=4):
    crowd(process, rides(plain), limit, total, clients)
    assert not told(process)


@sizes
@pytest.mark.parametrize("scene", SCENES)
@on([go.static])
def test_a_static_server_ends_its_connections_exactly_whatever_goes_on(server, scene, total, own, bare):
    carried(own(server, LIMIT, **SCENES[scene]), bare(server), total)


@sizes
@builds
def test_every_build_of_it_does_when_all_goes_on(server, total, own, bare):
    carried(own(server, LIMIT, **SCENES["all"]), bare(server), total)


@sizes
@on([go.static, go.cgo])
def test_children_started_all_the_while_change_nothing(server, total, own, bare):
    """They begin in their parent's memory, on the patched place itself."""
    process, plain = own(server, LIMIT, **HURRIED), bare(server)
    wire = get("/exec")
    crowd(process, [(wire, sample(plain, wire))], LIMIT, total // 10)
    assert not told(process)


@sizes
@on([go.static, go.cgo])
def test_big_files_under_a_storm_are_whole(server, total, own, bare):
    process, plain = own(server, 3, **SCENES["storm"]), bare(server)
    wire = get("/big.bin")
    crowd(process, [(wire, sample(plain, wire))], 3, total // 10)


@on([go.static])
def test_of_three_hundred_clients_at_once_each_is_told_exactly(server, own, bare):
    process, plain = own(server, LIMIT, GOMAXPROCS="64"), bare(server)
    wire = get("/sleep")
    crowd(process, [(wire, sample(plain, wire))], LIMIT, 3000, clients=300)


# ---- What was recorded is readable -------------------------------------------------------------


def stopped(process):
    response, = talk(process, requests(get("/stopped"))).responses
    assert response.content == b"stopped\n"


@pytest.mark.parametrize("rate", ["100", "1000"])
@on([go.static, go.cgo])
def test_a_profile_is_readable_and_knows_the_programs_functions(server, rate, own, bare):
    process = own(server, LIMIT, PROFILE=rate)
    carried(process, bare(server), FEW)
    stopped(process)
    top = building.tool("pprof", "-top", "-nodecount=500", process.place.scratch / "profile")
    assert "Type: cpu" in top and "net/http.(*conn).serve" in top


@on([go.static, go.cgo])
def test_an_execution_trace_is_readable(server, own, bare):
    process = own(server, LIMIT, TRACE="1")
    carried(process, bare(server), FEW)
    stopped(process)
    events = building.tool("trace", "-d", process.place.scratch / "trace")
    assert events.count("GoSysCall") > FEW / 10 and "GoSysBlock" in events and "GCStart" in events


@on([race])
def test_a_race_detector_finds_no_race(server, own, bare):
    process = own(server, LIMIT, STORM="1")
    carried(process, bare(server), FEW)
    assert "DATA RACE" not in process.stderr()
