"""Connections in the tear-down, which a server may keep for long, hold little memory each.

The server's own memory is taken off: it is measured bare.
"""

import resource
from contextlib import ExitStack

import pytest

from hosts import building
from hosts.paged import host
from hosts.running import request
from support import memory

WARM, MANY = 200, 2000
EACH = 400  # bytes
LUCK = 160  # kilobytes that an allocator may add
FILES = WARM + MANY + 100


@pytest.fixture
def many_files():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < FILES:
        pytest.skip("the limit of open files cannot be raised here")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, FILES) if soft >= 0 else soft, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def kept(port, numbers, stack, limit):
    """Connections that have had so many responses, and stay."""
    for number in numbers:
        client = stack.enter_context(memory.opened(port, number))
        for _ in range(limit):
            client.sendall(request("/"))
            assert client.recv(4096).endswith(b"hi")


def growth(library, folder, limit):
    settings = {"LASTCALL_REQUESTS": str(limit)}
    with host(library, folder, building.workers(), "serve=1", settings=settings) as (process, port):
        with ExitStack() as stack:
            kept(port, range(WARM), stack, limit)
            before = memory.private_of(process.pid)
            kept(port, range(MANY), stack, limit)
            return memory.private_of(process.pid) - before


@pytest.mark.parametrize("limit", [1, 2])
def test_a_connection_in_the_tear_down_holds_little_memory(library, tmp_path, many_files, limit):
    own = max(0, growth(None, tmp_path, limit))
    assert growth(library, tmp_path, limit) - own <= MANY * EACH // 1024 + LUCK
