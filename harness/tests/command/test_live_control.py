"""A running server is steered and watched through its status page, and no request fails of it.

Limits and drains change under load; the numbers are those that the clients saw; a page that cannot
be made, or a worker that is killed, changes nothing for the server.
"""

import os
import signal
from dataclasses import replace
from time import monotonic

import pytest

from support.client import Client
from support.command_pages import command, in_namespaces  # noqa: F401
from support.conversation import is_as_bare, requests, serves, talk
from support.live import grown, live  # noqa: F401
from support.load import CLIENTS, Load
from support.messages import get
from support.parameters import on_named
from support.process import family
from support.waiting import until

LIMIT = 5
MANY = 20
BATCH = 64  # exchanges that a connection may keep to itself before it adds them to the page
TICK = 0.05  # more than the coarse clock of the limits may lag
RAMP = 1.0
AGE = 0.2

five_servers = on_named("nginx", "apache-prefork", "node-cluster-rr", "http.server", "go-static")
# The command refuses to start a server without room for its page.
four_servers = on_named("nginx", "apache-prefork", "node-cluster-rr", "http.server")
forking_servers = on_named("nginx", "apache-prefork")


def warm(load):
    """Every client is on its way, beyond the limits to come."""
    assert until(lambda: load.sent() >= CLIENTS * MANY and all(load.rides)), load.failures


# ---- set and drain -----------------------------------------------------------------------------


@five_servers
def test_a_limit_set_under_load_is_obeyed_and_taken_back_without_a_failed_request(server, live):
    served = live(server)
    with Load(served.process, server.small) as load:
        warm(load)
        assert not load.told()
        on = served.tell("set", f"requests={LIMIT}")
        assert until(lambda: load.all_told(on) and load.told(on) >= MANY), load.failures
        asked_off, off = monotonic(), served.tell("set", "requests=off")
        assert until(lambda: load.longest(off) >= MANY), load.failures
    assert not load.failures
    limited = [carried(ride, on, asked_off) for ride in load.every()]
    assert max(limited) == LIMIT
    assert not load.told(off)


def carried(ride, start, end):
    return ride.since(start) - ride.since(end)


@five_servers
def test_a_drain_under_load_tells_every_connection_to_close_until_it_is_cancelled(server, live):
    served = live(server)
    with Load(served.process, server.small) as load:
        warm(load)
        began, drain = monotonic(), served.tell("drain", "--over", "1s")
        over = drain + RAMP + TICK
        assert until(lambda: load.all_told(over)), load.failures
        asked, cancelled = monotonic(), served.tell("drain", "--cancel")
        assert until(lambda: load.longest(cancelled) >= MANY), load.failures
    assert not load.failures
    assert not any(ride.told and ride.begun[-1] < began - TICK for ride in load.every())
    assert max(carried(ride, over, asked) for ride in load.every()) == 1
    assert all(ride.told for ride in load.every() if ride.begun[0] < drain and ride.since(drain))
    assert not load.told(cancelled)


@five_servers
def test_a_drain_that_is_confirmed_has_the_next_request(server, live):
    served = live(server)
    for _ in range(MANY):
        with Client(served.process.port) as client:
            assert client.exchange(get(server.small)).persists
            served.tell("drain")
            assert not client.exchange(get(server.small)).persists
            served.tell("drain", "--cancel")


# ---- check -------------------------------------------------------------------------------------


@four_servers
def test_a_server_that_is_well_is_told_so(server, live):
    """Whatever it has written over its environment, as nginx does."""
    served = live(server)
    serves(served.process, server.small)
    for words in ([], ["--setup", "--grace", "55s", "--within", "25s"]):
        done = served.command("check", *words, served.pid)
        assert done.returncode == 0, done.stdout
    assert "0 cautions, 0 failed" in done.stdout


@on_named("nginx")
def test_a_server_whose_settings_cannot_be_read_is_not_said_to_heed_them(server, under, command):
    process = under(server, fresh=True, LASTCALL="off")
    done = command("check", process.popen.pid)
    assert done.returncode == 0 and "its environment cannot be read" in done.stdout
    done = command("check", "--setup", process.popen.pid)
    assert done.returncode == 1 and "whether a setting keeps it from acting cannot be read" in done.stdout


# ---- status ------------------------------------------------------------------------------------


def under_load(served, path, start, end):
    """A load during which one trigger is on, looked at midway; answers it ended."""
    before = served.settled()
    with Load(served.process, path) as load:
        warm(load)
        least = load.sent() - CLIENTS * (BATCH + 1)
        during = grown(before, served.numbers())
        assert least <= during["exchanges"] <= load.sent()
        assert during["open"] <= CLIENTS
        moment = served.tell(*start)
        assert until(lambda: load.all_told(moment) and load.told() >= MANY), load.failures
    served.tell(*end)
    assert not load.failures
    return load


@five_servers
def test_the_numbers_are_those_that_the_clients_saw(server, live):
    served = live(server)
    before = served.settled()
    loads = {"requests": under_load(served, server.small, ("set", f"requests={LIMIT}"),
                                    ("set", "requests=off")),
             "age": under_load(served, server.small, ("set", "age=20ms"), ("set", "age=off")),
             "drain": under_load(served, server.small, ("drain",), ("drain", "--cancel"))}
    after = served.settled()
    assert grown(before, after) == {
        "open": 0, "rate_deferred": 0,
        "connections": sum(len(load.every()) for load in loads.values()),
        "exchanges": sum(load.sent() for load in loads.values()),
        **{f"last {trigger}": load.told() for trigger, load in loads.items()}}
    assert_prometheus_agrees(served.metrics(), after)


def assert_prometheus_agrees(metrics, numbers):
    names = {"connections_open": "open", "connections_total": "connections",
             "exchanges_total": "exchanges", "rate_deferred_total": "rate_deferred"}
    names |= {f"last_exchanges_total {trigger}": f"last {trigger}"
              for trigger in ("requests", "age", "drain")}
    assert {name: metrics[name] for name in names} == {
        name: numbers[counted] for name, counted in names.items()}


def ended(served):
    """By the most exchanges that a connection had, and their sum."""
    totals = {}
    for server in served.status():
        lengths = server["ended"]["connections_up_to"] | {"sum": server["ended"]["exchanges"]}
        totals = {name: totals.get(name, 0) + count for name, count in lengths.items()}
    return totals


@five_servers
def test_connections_that_are_over_are_counted_by_their_exchanges(server, live):
    served = live(server)
    before = ended(served)
    for length in (1, 3, 4, 10):
        talk(served.process, requests(*[get(server.small)] * length))
    served.settled()
    counted = {name: count for name, count in grown(before, ended(served)).items() if count}
    assert counted == {"1": 1, "3": 1, "10": 2, "sum": 18}


def holders(served):
    return [worker for worker in served.workers() if worker["open"]]


@forking_servers
def test_a_killed_worker_has_no_open_connections_and_the_server_goes_on(server, live):
    served = live(server)
    before = served.numbers()["connections"]
    with Client(served.port) as one, Client(served.port) as other:
        for client in (one, other):
            assert client.exchange(get(server.small)).status == 200
        victim, *spared = holders(served)
        os.kill(victim["pid"], signal.SIGKILL)
        assert until(lambda: holders(served) == spared), served.status()
        assert served.numbers()["open"] == 2 - victim["open"]
    serves(served.process, server.small)
    served.process.members = family(served.pid)  # this loss was ours
    assert victim["pid"] not in [worker["pid"] for worker in served.workers()]
    assert served.settled()["connections"] == before + 3


# ---- A status page that cannot be made ---------------------------------------------------------


def a_missing_folder(path):
    return path / "missing", []


def a_folder_not_writable(path):
    return "/proc", []


def a_file(path):
    (path / "file").write_bytes(b"")
    return path / "file", []


def a_full_disk(path):
    """A tiny one, seen by the server alone."""
    folder = path / "full"
    folder.mkdir()
    wrap = in_namespaces("--mount")
    script = (f"mount -t tmpfs -o size=4k none '{folder}' && echo full > '{folder}/of this' && "
              "exec \"$@\"")
    return folder, [*wrap, "sh", "-c", script, "sh"]


def wrapped(server, wrap):
    return replace(server, wrap=tuple(wrap))


def visited(stable, server, *how):
    """A server's whole life: what it answered, printed, and its exit status."""
    process = stable.start(server, *how)
    try:
        answers = talk(process, requests(*[get(server.small)] * MANY))
        printed = process.stderr()
    finally:
        stable.drop(process)
    told = [line for line in printed.splitlines() if line.startswith("lastcall:")]
    return answers, told, process.popen.returncode


@pytest.mark.parametrize("place", [a_missing_folder, a_folder_not_writable, a_file, a_full_disk])
@four_servers
def test_without_room_for_a_page_a_server_runs_as_bare_and_says_so_once(server, place, stable,
                                                                        library, tmp_path):
    if server.missing():
        pytest.skip(f"install {' '.join(server.packages)} to run {server.name}")
    folder, wrap = place(tmp_path)
    settings = {"LASTCALL_REQUESTS": "off", "LASTCALL_STATUS": str(folder)}
    bare, nothing, ended = visited(stable, server, None, {})
    got, told, status = visited(stable, wrapped(server, wrap), library, settings)
    is_as_bare(bare, got, server.volatile)
    assert not nothing and 1 <= len(told) <= server.notices
    assert all(str(folder) in line for line in told)
    assert status == ended


# ---- Observing ---------------------------------------------------------------------------------


@five_servers
def test_observing_touches_no_byte_and_counts_what_would_close(server, live, bare):
    served = live(server, LASTCALL="observe", LASTCALL_REQUESTS=3)
    before = served.settled()
    script = requests(*[get(server.small)] * 10)
    is_as_bare(talk(bare(server), script), talk(served.process, script), server.volatile)
    counted = grown(before, served.settled())
    assert (counted["last requests"], counted["connections"], counted["exchanges"]) == (3, 1, 10)


@five_servers
def test_observing_is_left_and_entered_again_under_load_without_a_failed_request(server, live):
    """Also by connections that were only watched when they were opened."""
    served = live(server, LASTCALL="observe", LASTCALL_REQUESTS=LIMIT)
    with Load(served.process, server.small) as load:
        warm(load)
        assert not load.told()
        acts = served.tell("set", "observe=off")
        assert until(lambda: load.all_told(acts) and load.told(acts) >= MANY), load.failures
        asked, watches = monotonic(), served.tell("set", "observe=on")
        assert until(lambda: load.longest(watches) >= MANY), load.failures
    assert not load.failures
    assert max(carried(ride, acts, asked) for ride in load.every()) == LIMIT
    assert not load.told(watches)


# ---- Age, rate and jitter ----------------------------------------------------------------------


def timed(client, path):
    """One exchange: when it began, when it had ended, and whether it was told close."""
    began = monotonic()
    response = client.exchange(get(path))
    assert response.status == 200
    return began, monotonic(), not response.persists


def until_told(client, path):
    """Exchanges until one is told close, bounded by the client's patience."""
    exchanges = [timed(client, path)]
    while not exchanges[-1][2]:
        assert not client.deadline.over(), "never told close"
        exchanges.append(timed(client, path))
    return exchanges


@five_servers
def test_a_connection_closes_at_the_first_request_after_its_age(server, live):
    served = live(server, LASTCALL_AGE="200ms")
    opened = monotonic()
    with Client(served.port) as client:
        exchanges = until_told(client, server.small)
        answered = exchanges[0][1]
        assert exchanges[-1][1] >= opened + AGE - TICK, "told close before its age"
        assert sum(began >= answered + AGE + TICK for began, _, _ in exchanges) <= 1
        assert client.ending() == "FIN"


@five_servers
def test_an_idle_connection_is_not_closed_by_its_age(server, live):
    served = live(server, LASTCALL_AGE="200ms")
    with Client(served.port) as client:
        assert not timed(client, server.small)[2]
        established = client.tcp_state()
        assert not until(lambda: client.queued() or client.tcp_state() != established, 4 * AGE)
        assert timed(client, server.small)[2]


@five_servers
def test_no_more_connections_close_than_the_rate_grants(server, live):
    served = live(server, LASTCALL_REQUESTS=1, LASTCALL_RATE="1/s")
    before, start = served.numbers(), monotonic()
    clients = [Client(served.port) for _ in range(MANY)]
    for client in clients:
        client.send(get(server.small))
    responses = [client.response() for client in clients]
    seconds = monotonic() - start
    processes = max(1, len(served.workers()))  # each has a budget of its own
    for client in clients:
        client.socket.close()
    assert all(response.status == 200 for response in responses)
    told = sum(not response.persists for response in responses)
    assert told <= processes * (1 + seconds + 1)
    counted = grown(before, served.settled())
    assert (counted["last requests"], counted["rate_deferred"]) == (told, MANY - told)
    assert until(lambda: not one_response(served, server).persists)  # as the bucket fills


def one_response(served, server):
    response, = talk(served.process, requests(get(server.small))).responses
    return response


@five_servers
def test_jitter_spreads_the_limits_of_connections(server, live):
    served = live(server, LASTCALL_REQUESTS=10, LASTCALL_JITTER="50%")
    script = requests(*[get(server.small)] * 11)
    lengths = [len(talk(served.process, script).responses) for _ in range(40)]
    assert set(lengths) <= set(range(5, 11))
    assert len(set(lengths)) >= 3
