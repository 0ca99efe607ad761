"""The experiment as it runs: balancers, a small run, an interrupt, bad words, and what is drawn.

Real processes, in namespaces where the machine lets us; no time is asserted, and the autoscaler of the
small run is replaced by a script, so that a busy machine changes nothing.
"""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import uuid
import xml.etree.ElementTree as xml
from collections import Counter
from pathlib import Path

import pytest

from conftest import HERE
from rebalance import (arms, balancers, choices, experiment, findings, network, pictures, protocols,
                       report, schedule, servers, svg, table)
from rebalance import __main__ as command_line
from rebalance.children import listens
from rebalance.told import BY_REQUEST
from support.process import kill, lives, stat_of
from support.waiting import PATIENCE, until



def missing(balancer):
    """Why not, without installing anything."""
    if absent := [name for name in balancer.commands if not shutil.which(name)]:
        return f"no {' '.join(absent)}"
    return "not root" if balancer.root and os.geteuid() else ""


@pytest.fixture
def balancer(request, tmp_path):
    kind = balancers.ALL[request.param]
    if reason := missing(kind):
        pytest.skip(reason)
    try:
        made = kind(tmp_path)
    except network.Unavailable as error:
        pytest.skip(str(error))
    yield made
    made.close()


# ---- Balancers -----------------------------------------------------------------------------------

# Says its name to each connection, and again for each byte that comes.
ECHO = """
import socket, sys, threading
def serve(sock):
    sock.sendall(sys.argv[3].encode())
    while sock.recv(1):
        sock.sendall(sys.argv[3].encode())
listener = socket.create_server((sys.argv[1], int(sys.argv[2])), backlog=128)
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
"""

# Opens connections until told to stop; keeps the first and asks it at the end.
ASK = """
import collections, socket, sys
service = (sys.argv[1], int(sys.argv[2]))
def opened():
    sock = socket.create_connection(service, timeout=20)
    return sock, sock.recv(1).decode()
kept, name = opened()
print("".join([name] + [opened()[1] for _ in range(39)]), flush=True)
sys.stdin.readline()
print("".join(opened()[1] for _ in range(40)), flush=True)
kept.send(b"?")
print(name == kept.recv(1).decode(), flush=True)
"""


@pytest.fixture
def children():
    started = []

    def start(argv, **pipes):
        started.append(subprocess.Popen(argv, **pipes))
        return started[-1]

    yield start
    for child in started:
        child.kill()
        child.communicate()


@pytest.mark.parametrize("balancer", balancers.ALL, indirect=True)
def test_new_connections_are_spread_and_open_ones_stay(balancer, children):
    seats = [balancer.seat(1), balancer.seat(2)]
    for name, seat in zip("ab", seats):
        server = children([*balancer.enter_instances, sys.executable, "-c", ECHO, *map(str, seat), name])
        assert until(lambda: listens(server.pid, *seat))
    balancer.route(seats)
    client = children([*balancer.enter_clients, sys.executable, "-c", ASK,
                       *map(str, balancer.service)], stdin=subprocess.PIPE,
                      stdout=subprocess.PIPE, text=True)
    assert set(client.stdout.readline().strip()) == {"a", "b"}
    balancer.route(seats[1:])
    said = client.communicate("\n", timeout=PATIENCE)[0].split()
    assert said == ["b" * 40, "True"]


@pytest.mark.parametrize("family, bound", [(socket.AF_INET, "127.0.0.1"),
                                           (socket.AF_INET6, "::ffff:127.0.0.1")], ids=str)
def test_a_listener_is_seen_in_either_family(family, bound):
    """gRPC's server listens on an IPv4 address by an IPv6 socket."""
    with socket.socket(family) as listener:
        listener.bind((bound, 0))
        port = listener.getsockname()[1]
        assert not listens(os.getpid(), "127.0.0.1", port)
        listener.listen()
        assert listens(os.getpid(), "127.0.0.1", port)


def test_a_namespace_is_gone_with_its_balancer(tmp_path):
    if reason := missing(balancers.Nft):
        pytest.skip(reason)
    try:
        made = balancers.Nft(tmp_path)
    except network.Unavailable as error:
        pytest.skip(str(error))
    holders = [int(space.pid) for space in made.network.spaces]
    assert all(map(stat_of, holders))
    made.close()
    assert not any(map(stat_of, holders))


# ---- A small run ---------------------------------------------------------------------------------

class Script:
    """In the autoscaler's place: up after a quarter of the time, down after more than a half; on a
    busy machine not before the new instances have had time to work, and all but to the end if they
    have not worked."""

    def __init__(self, *_):
        self.down_at, self.worked = 7.0, False

    def decide(self, now, loads, unready):
        self.worked = self.worked or any(loads[2:])
        if unready:
            self.down_at = max(self.down_at, now + 2)
        idle = now < 10 and not self.worked
        return 4 if now >= 3 and (now < self.down_at or idle) else 2


def protocol_on_a_worker(protocol):
    """Each protocol's run is one worker's, with the tests that look at it."""
    return pytest.param(protocol, id=protocol.name,
                        marks=pytest.mark.xdist_group(f"rebalance-{protocol.name}"))


@pytest.fixture(scope="module", params=map(protocol_on_a_worker, protocols.ALL.values()))
def small(request, library, tmp_path_factory):
    """One run of two arms for the tests of this file that look at a run."""
    protocol = request.param
    kind = servers.KINDS[protocol.servers[0]]
    if not all(map(choices.there, kind.needs)):
        pytest.skip(f"no {' '.join(kind.needs)}")
    seconds, root = 12.0, tmp_path_factory.mktemp("run")
    table_ = arms.arms(age=1)
    setup = experiment.Setup(
        kind=kind, balancer=balancers.Relay, clients=[protocol.clients[0]] * 2,
        arms=[table_["bare"], table_["n-jitter"]], protocol=protocol,
        plan=schedule.phases(seconds, 20, 40), library=library, command=library.parent / "lastcall",
        root=root, seconds=seconds, connections=24)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(experiment, "Autoscaler", Script)
        runs = experiment.run(setup)
    return setup, {run.arm.name: run for run in runs}


def test_no_request_fails_in_an_arm_of_lastcall(small):
    record = small[1]["n-jitter"].record
    assert len(record.done) > 100 and not record.failed


def test_what_was_sent_was_executed_once_where_servers_count(small):
    counted = findings.of_counts(small[1]["n-jitter"])
    assert bool(counted) == small[0].kind.counts
    if counted:
        assert counted["executed"] == counted["sent"] > 100 and not counted["twice"]


def test_new_instances_work_under_lastcall_and_idle_without(small):
    for name, idle in (("bare", True), ("n-jitter", False)):
        run = small[1][name]
        answered = Counter(done.instance for done in run.record.done)
        assert [each.name for each in run.instances] == ["i1", "i2", "i3", "i4"]
        times = [(each.asked_at, each.ready_at, each.left_at) for each in run.instances]
        assert (answered["i3"] + answered["i4"] == 0) == idle, (answered, times)


def test_a_bare_connection_is_never_told_to_close(small):
    record = small[1]["bare"].record
    assert len(record.opened) == small[0].connections
    assert not any(close.how in BY_REQUEST for close in record.closed)


def test_a_life_has_as_many_requests_as_drawn(small):
    run = small[1]["n-jitter"]
    drain = min(each.left_at for each in run.instances if each.left_at)
    lives = {close.requests for close in run.record.closed
             if close.how in BY_REQUEST and close.at < drain}
    on_top = small[0].protocol.at_once - 1
    assert lives and min(lives) >= 3 and max(lives) <= 6 + on_top, lives


def test_every_process_of_a_run_is_gone(small):
    for run in small[1].values():
        for process in [each.process for each in run.instances] + run.clients:
            assert process.popen.returncode is not None
        assert run.balancer.exited()


@pytest.fixture
def found(small):
    setup, runs = small
    about = {"notes": ["a note"], "when": "", "processors": 2, "load": []}
    made = findings.of(list(runs.values()), setup, about)
    for arm in made["arms"]:
        curve = [(2.0, 0.1), (8.0, 0.5)]
        arm["compared"] = {"measured": curve, "simulated": curve, "distance": 0.01, "agrees": True}
        arm["predicted"] = {"reconnects_per_s": 8.0, "mean_life_s": 2.0, "requests": 6}
    return made


def test_the_findings_are_plain_data(found):
    assert json.loads(json.dumps(found, allow_nan=False))["arms"][1]["name"] == "n-jitter"


@pytest.mark.parametrize("sheet", [pictures.SCREEN, pictures.PHONE], ids=["screen", "phone"])
def test_every_picture_is_well_formed_and_none_of_its_texts_overlap(found, sheet):
    for name, drawing in report.drawings(found, sheet).items():
        xml.fromstring(drawing.whole())
        assert not drawing.overlaps(), name


NARROW, MARGIN = 390, 16  # pixels: a phone, and the page's margin on both sides


def test_on_a_phone_every_letter_has_its_own_size(found):
    for name, drawing in report.drawings(found, pictures.PHONE).items():
        assert drawing.width <= NARROW - 2 * MARGIN, name
        assert min(map(float, re.findall(r'font-size="([\d.]+)"', drawing.whole()))) >= svg.SMALL, name


def test_what_has_no_room_in_one_line_takes_several():
    drawing = svg.Drawing(200, "", "")
    assert drawing.paragraph(12, 20, "a few words") == 20
    assert drawing.paragraph(12, 40, "more than a few words, and then more of them") > 40
    assert not drawing.overlaps()


def test_the_report_needs_nothing_else(found):
    text = report.html(found)
    assert "<script" not in text and "href=" not in text and "src=" not in text


def test_on_a_phone_every_cell_of_the_report_tells_its_arm(found):
    text = report.html(found)
    told = [row[1] for row in re.finditer(r"<tr><th>[^<]+</th>(.*?)</tr>", text)]
    assert len(told) == len(table.rows(found))
    for row in told:
        assert re.findall(r'<td data-arm="([^"]+)">[^<]+</td>', row) == ["bare", "n-jitter"]


def test_the_most_in_one_second_is_one_number_in_the_table_and_in_the_picture(found):
    found["arms"][1]["reconnects_by_second"], found["arms"][1]["most_reconnects"] = [3, 41, 7], 41
    [cells] = [cells for label, cells in table.rows(found) if label.strip() == pictures.MOST]
    assert cells[1] == "41"
    words = " ".join(text[4] for text in pictures.reconnects(found).texts)
    assert f"{pictures.MOST}: 41" in words


def test_it_is_the_tallest_bar_of_the_whole_run(found):
    assert [arm["most_reconnects"] for arm in found["arms"]] == \
        [max(arm["reconnects_by_second"]) for arm in found["arms"]]


def luminance(colour):
    digits = colour if len(colour) == 6 else "".join(2 * digit for digit in colour)
    parts = [int(digits[place:place + 2], 16) / 255 for place in (0, 2, 4)]
    parts = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(share * part for share, part in zip((0.2126, 0.7152, 0.0722), parts))


def contrast(one, other):
    """As WCAG defines it, which wants 3 of a line that matters."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("place", [0, 1], ids=["light", "dark"])
def test_the_planned_rate_is_seen_on_a_bar_and_beside_it(found, place):
    style = svg.STYLE.split("@media")[place]
    line = re.search(r"\.plan{stroke:#(\w+)", style)[1]
    for css in ("with", "ground"):
        assert contrast(line, re.search(rf"\.{css}{{fill:#(\w+)", style)[1]) >= 3, css
    drawn = [part.split('"')[1] for part in pictures.reconnects(found).parts]
    assert "plan" in drawn and drawn.index("plan") > drawn.index("halo") > drawn.index("with")


def test_the_terminal_shows_each_arm_in_a_column(found):
    lines = table.terminal(found).splitlines()
    assert lines[0].split() == ["bare", "n-jitter"]
    assert len({len(line) for line in lines}) == 1


# ---- The command line ----------------------------------------------------------------------------


@pytest.mark.parametrize("words, says", [
    (["--arms", "bare,nope"], 'no arm "nope"; there are: bare, drain, n, n-jitter, age-jitter, no-drain'),
    (["--protocol", "h3"], 'no protocol "h3"; there are: http/1.1, h2'),
    (["--server", "iis"], 'no http/1.1 server "iis"; there are: http.server, gunicorn'),
    (["--protocol", "h2", "--server", "puma"], 'no h2 server "puma"; there are: grpc, ruby-grpc'),
    (["--protocol", "h2", "--clients", "node"], 'no h2 client "node"; there are: grpc'),
    (["--balancer", "f5"], 'no balancer "f5"; there are: nft, iptables, haproxy, relay'),
    (["--clients", "ab"], 'no http/1.1 client "ab"; there are: pool, node'),
    (["--seconds", "3"], "--seconds 3: expected at least 10"),
    (["--rate", "0"], "--rate 0: expected a whole number above 0"),
    (["--build", "/nowhere", "--out", "{tmp}"], "run make first"),
    (["--out", "/proc/here"], "the results cannot be written"),
    (["--picture", "x.svg", "--out", "{tmp}/none"], "run make rebalance first"),
])
def test_a_bad_word_is_answered_with_the_good_ones(words, says, library, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(command_line, "Signals", lambda: None)
    usual = ["--build", str(library.parent), "--out", str(tmp_path)]
    words = [word.format(tmp=tmp_path) for word in words]
    assert command_line.main(usual + words) == 2
    assert says in capsys.readouterr().err
    assert not list(tmp_path.iterdir()), "an empty result is none"


def test_without_root_the_run_goes_on_with_the_relay(monkeypatch, tmp_path):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    notes = []
    assert choices.balancer_of("nft", tmp_path, notes) is balancers.Relay
    assert "needs root" in notes[0] and "relay" in notes[0]
    assert choices.balancer_of(None, tmp_path, notes) is balancers.Relay


def test_without_namespaces_too(monkeypatch, tmp_path):
    class Refusing(balancers.Nft):
        commands = ()

        def __init__(self, folder):
            raise network.Unavailable("no network namespace: Operation not permitted")

    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setitem(balancers.ALL, "nft", Refusing)
    notes = []
    assert choices.balancer_of(None, tmp_path, notes) is balancers.Relay
    assert "Operation not permitted" in notes[0]


def test_one_processor_runs_fewer_arms():
    options, notes = command_line.options_of([]), []
    choices.settle(options)
    names = [arm.name for arm in choices.arms_of(options, 1, 1, notes)]
    assert names == list(arms.FEWER) and "One processor" in notes[0]
    assert len(choices.arms_of(options, 1, 2, notes)) == len(arms.arms())


def test_pools_do_not_hold_the_threads_that_other_clients_wait_for(monkeypatch):
    """Connections opened ahead of need would have all of gunicorn's threads before node is ready."""
    monkeypatch.setattr(shutil, "which", lambda name: name)
    gunicorn = servers.KINDS["gunicorn"]
    def chosen(words, kind):
        return choices.clients_of(words, kind, protocols.HTTP1)

    assert len(set(chosen(None, gunicorn))) == 1
    with pytest.raises(choices.Refused, match="wait for ever"):
        chosen("pool,node", gunicorn)
    assert chosen("pool,node", servers.KINDS["puma"]) == ["pool", "node"]


@pytest.mark.parametrize("need, there", [
    ("sh", True), ("no-such-command", False), ("/etc/passwd", True), ("/etc/no-such-file", False),
    ("python:json", True), ("python:no_such_module", False)])
def test_a_need_is_a_command_a_file_or_a_module(need, there):
    assert bool(choices.there(need)) == there


def test_each_server_is_of_one_protocol():
    names = [name for protocol in protocols.ALL.values() for name in protocol.servers]
    assert sorted(names) == sorted(servers.KINDS)


def test_the_results_of_one_protocol_are_not_written_over_the_others():
    places = set()
    for name in protocols.ALL:
        options = command_line.options_of(["--protocol", name])
        choices.settle(options)
        places.add(options.out)
    assert len(places) == len(protocols.ALL)


# ---- An interrupt --------------------------------------------------------------------------------


def marked(mark):
    """The processes that were started with this in their environment: pid → start time."""
    found = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            ours = mark.encode() in Path(f"/proc/{name}/environ").read_bytes()
        except OSError:
            continue
        stat = stat_of(int(name))
        if ours and stat and stat["state"] not in "ZX":
            found[int(name)] = stat["start"]
    return found


@pytest.fixture
def mark():
    """An environment variable; what carries it is ended with the test, should the run have failed to."""
    text = f"REBALANCE_MARK={uuid.uuid4()}"
    yield text
    kill(marked(text))


@pytest.mark.parametrize("number, protocol", [(signal.SIGINT, "http/1.1"), (signal.SIGTERM, "http/1.1"),
                                              (signal.SIGINT, "h2")])
def test_nothing_is_left_after_an_interrupt(number, protocol, library, tmp_path, children, mark):
    name, _, value = mark.partition("=")
    env = {**os.environ, name: value, "PYTHONPATH": str(HERE), "TMPDIR": str(tmp_path)}
    run = children([sys.executable, "-m", "rebalance", "--build", str(library.parent), "--out",
                    str(tmp_path / "out"), "--seconds", "60", "--arms", "n-jitter", "--protocol",
                    protocol], env=env,
                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    assert run.stderr.readline().startswith("   0 s of 60")
    assert until(lambda: len(marked(mark)) > 4)
    seen = marked(mark)
    run.send_signal(number)
    assert "everything is ended" in run.communicate(timeout=PATIENCE)[1]
    assert run.returncode == 130
    assert not [pid for pid, start in seen.items() if lives(pid, start)] and not marked(mark)
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert not list((tmp_path / "out").iterdir())
