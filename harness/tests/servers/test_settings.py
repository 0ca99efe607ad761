"""Settings: a good one is silent, a bad one disables and says so in one line, once: P8."""

import subprocess

import pytest

from support.conversation import ends_at, is_as_bare, requests, serves, talk
from support.messages import get
from support.parameters import every_server, on_named, on_those
from support.process import environment

BAD = [
    ("LASTCALL_REQUESTS", "0"),
    ("LASTCALL_REQUESTS", "-1"),
    ("LASTCALL_REQUESTS", "+1"),
    ("LASTCALL_REQUESTS", ""),
    ("LASTCALL_REQUESTS", " 5"),
    ("LASTCALL_REQUESTS", "3x"),
    ("LASTCALL_REQUESTS", "0x3"),
    ("LASTCALL_REQUESTS", "2147483648"),
    ("LASTCALL_REQUESTS", "99999999999"),
    ("LASTCALL_PORTS", "0"),
    ("LASTCALL_PORTS", "80-"),
    ("LASTCALL_PORTS", "90-80"),
    ("LASTCALL_PORTS", "70000"),
    ("LASTCALL_PORTS", "a"),
    ("LASTCALL_PORTS", ""),
    ("LASTCALL_PORTS", "80,"),
    ("LASTCALL", "maybe"),
    ("LASTCALL", ""),
]

# What a line cannot do without when it tells what is accepted.
ACCEPTED = {"LASTCALL_REQUESTS": "2147483647", "LASTCALL_PORTS": "80,8080-8090", "LASTCALL": "off"}

fast_starters = on_named("http.server", "nginx", "go-static")
preloaded_ones = on_named("http.server", "nginx")  # the command refuses a bad setting itself
MANY = 4


def told(process):
    return [line for line in process.stderr().splitlines() if line.startswith("lastcall")]


def script(server):
    return requests(*[get(server.small)] * MANY)


def serves_as_bare(server, bare, preloaded):
    is_as_bare(talk(bare(server), script(server)), talk(preloaded, script(server)),
               server.volatile)


@pytest.mark.parametrize("name,value", BAD)
@preloaded_ones
def test_a_bad_setting_disables_and_is_told_in_one_line(server, name, value, bare, under):
    settings = {"LASTCALL_REQUESTS": "1", name: value}
    preloaded = under(server, fresh=True, **settings)
    serves_as_bare(server, bare, preloaded)
    line, = told(preloaded)
    assert line.startswith("lastcall: ")
    assert name in line and value in line
    assert ACCEPTED[name] in line


@on_those(lambda server: not server.by_run)
def test_every_server_runs_on_as_bare_with_a_bad_setting(server, bare, under):
    preloaded = under(server, LASTCALL_REQUESTS="0")
    serves_as_bare(server, bare, preloaded)
    assert 1 <= len(told(preloaded)) <= server.notices


@every_server
def test_a_good_setting_prints_nothing(server, under):
    preloaded = under(server, LASTCALL_REQUESTS=3)
    serves(preloaded, server.small)
    assert not told(preloaded)


@pytest.mark.parametrize("value", ["1", "2147483647", "off"])
@fast_starters
def test_the_bounds_of_requests_are_accepted(server, value, under):
    preloaded = under(server, fresh=True, LASTCALL_REQUESTS=value)
    got = talk(preloaded, script(server))
    assert len(got.responses) == (1 if value == "1" else MANY)
    assert not told(preloaded)


@fast_starters
def test_names_that_are_not_ours_are_ignored(server, bare, under):
    """Kubernetes injects such names for a Service called lastcall."""
    preloaded = under(server, fresh=True, LASTCALL_REQUESTS=1, LASTCALL_FOO="0",
                      LASTCALL_PORT="tcp://10.0.0.1:80", LASTCALL_SERVICE_HOST="10.0.0.1")
    ends_at(talk(bare(server), script(server)), talk(preloaded, script(server)), 1)
    assert not told(preloaded)


@every_server
def test_off_forwards_every_byte(server, bare, under):
    preloaded = under(server, LASTCALL="off", LASTCALL_REQUESTS=1)
    serves_as_bare(server, bare, preloaded)
    assert not told(preloaded)


@pytest.mark.parametrize("ports,acts", [("{port}", True), ("1-65535", True), ("1,{port}", True),
                                        ("1-2,{port}-{port}", True), ("1", False),
                                        ("60000-65535", False)])
@fast_starters
def test_ports_restrict_where_the_library_acts(server, ports, acts, bare, under):
    preloaded = under(server, fresh=True, LASTCALL_REQUESTS=1, LASTCALL_PORTS=ports)
    plain, got = talk(bare(server), script(server)), talk(preloaded, script(server))
    if acts:
        ends_at(plain, got, 1, server.volatile)
    else:
        is_as_bare(plain, got, server.volatile)
    assert not told(preloaded)


def test_a_process_that_never_listens_is_quiet(library):
    """Shells, build steps, children: they inherit the settings and print nothing."""
    env = environment({}, library, {"LASTCALL_REQUESTS": "bad"})
    result = subprocess.run(["/bin/sh", "-c", "echo said; ls / >/dev/null; (exit 3)"], env=env,
                            capture_output=True, timeout=30)
    assert (result.returncode, result.stdout, result.stderr) == (3, b"said\n", b"")
