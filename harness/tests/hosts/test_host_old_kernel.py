"""A kernel that keeps no byte counts: what can be asked decides, and the page says how often.

Such a kernel is made of a preload behind the library that answers a socket's options as an old one.
"""

import json

import pytest

from hosts import building
from hosts.running import exact, one_by_one, paths, run
from support.command_pages import command  # noqa: F401


@pytest.fixture
def on_old_kernel(library):
    return f"{library}:{building.shared_object('old_kernel')}"


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_a_kernel_without_counts_is_no_hindrance(on_old_kernel, limit):
    exact(on_old_kernel, limit)


@pytest.mark.parametrize("old", [False, True])
def test_the_page_counts_edits_made_without_a_proof(on_old_kernel, library, command, tmp_path, old):
    run([], one_by_one(paths("/1", "/2"), last=True), on_old_kernel if old else library,
        {"LASTCALL_REQUESTS": 2, "LASTCALL_STATUS": tmp_path})
    [server] = json.loads(command("status", tmp_path, "--json").stdout)["servers"]
    assert server["last_exchanges"]["requests"] == 1
    assert server["unproven_edits"] == (1 if old else 0)
