"""docs/go.md: the lines of net/http that it gives compile as they stand, and do what it says."""

import os
import re
import shutil
from collections import Counter

import pytest

from conftest import REPOSITORY
from servers.description import run_build
from support.client import FIN, Client
from support.messages import get
from support.process import Process, environment

DOCUMENT = REPOSITORY / "docs" / "go.md"
LIMIT, LOWEST = 20, 18  # a tenth fewer at most
pytestmark = pytest.mark.timeout(600)


def blocks():
    limit, main = re.findall(r"^```go\n(.*?)^```$", DOCUMENT.read_text(), re.M | re.S)
    return limit, main


def replaced(text, what, by):
    assert text.count(what) == 1
    return text.replace(what, by)


@pytest.fixture
def server(stable):
    """The document's program, but for its port and its count; it serves its folder."""
    if not shutil.which("go"):
        pytest.skip("install golang-go to compile what the document gives")
    place = stable.place()
    limit, main = blocks()
    main = replaced(replaced(main, ":8080", f"127.0.0.1:{place.port}"), "1000", str(LIMIT))
    (place.scratch / "limit.go").write_text(limit)
    (place.scratch / "main.go").write_text(main)
    env = {**os.environ, "CGO_ENABLED": "0", "GO111MODULE": "off", "GOFLAGS": ""}
    run_build(["go", "vet", "limit.go", "main.go"], cwd=place.scratch, env=env)
    run_build(["go", "build", "-o", "server", "limit.go", "main.go"], cwd=place.scratch, env=env)
    process = Process([str(place.scratch / "server")], environment({}), place)
    try:
        process.wait_ready([place.port])
        yield place
    finally:
        process.stop()


def requests_of_a_connection(port, content):
    with Client(port) as client:
        for count in range(1, 2 * LIMIT):
            response = client.exchange(get("/limit.go"))
            assert response.content == content
            if not response.persists:
                assert client.ending() == FIN
                return count
    return None


def test_each_connection_closes_after_the_count_or_a_tenth_fewer(server):
    content = (server.scratch / "limit.go").read_bytes()
    counts = Counter(requests_of_a_connection(server.port, content) for _ in range(40))
    assert set(counts) <= set(range(LOWEST, LIMIT + 1))
    assert len(counts) > 1  # the same each time: three in 3^39


def test_the_lines_are_twelve():
    [function] = re.findall(r"^func closeAfter.*?(?=^\})", blocks()[0], re.M | re.S)
    assert len(function.splitlines()) == 12
