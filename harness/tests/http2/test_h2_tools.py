"""Command-line clients of HTTP/2: curl loses nothing; h2load and nghttp know no second connection."""

import re
import subprocess

import pytest

from h2.parameters import on_named, on_those, peers_leave  # noqa: F401
from support.process import environment

LIMIT, REQUESTS, CLIENTS = 20, 100, 2
LONGEST = 60


def run(*words):
    done = subprocess.run([*map(str, words)], capture_output=True, text=True, timeout=LONGEST,
                          stdin=subprocess.DEVNULL, env=environment({}))
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@on_those(lambda server: server.upgrades_h2c)
def test_curl_goes_to_another_connection_when_it_is_told(server, under):
    process = under(server, LASTCALL_REQUESTS=LIMIT)
    said = "%{http_code} %{http_version} %{num_connects}\\n"
    url = f"http://127.0.0.1:{process.port}{server.small}?[1-{REQUESTS}]"
    lines = [line.split() for line in
             run("curl", "-s", "--http2", "-o", "/dev/null", "-w", said, url).splitlines()]
    assert [line[:2] for line in lines] == [["200", "2"]] * REQUESTS
    connections = sum(int(line[2]) for line in lines)
    assert connections == REQUESTS // LIMIT


@pytest.mark.parametrize("concurrency", [1, 5])
@on_named("h2-nghttpd", "h2-nginx", "h2-h2o")
def test_h2load_has_whole_answers_until_it_was_told_and_gives_up_then(server, concurrency, under):
    """It never connects anew: nghttp2's issue 1197, by design."""
    process = under(server, LASTCALL_REQUESTS=LIMIT)
    told = run("h2load", "-t", 1, "-n", REQUESTS, "-c", CLIENTS, "-m", concurrency,
               f"http://127.0.0.1:{process.port}{server.small}")
    answered = int(re.search(r"(\d+) succeeded", told)[1])
    good = int(re.search(r"status codes: (\d+) 2xx", told)[1])
    assert CLIENTS * LIMIT <= answered <= CLIENTS * (LIMIT + concurrency - 1)
    assert answered == good
