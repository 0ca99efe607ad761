"""Thousands of short connections leave nothing behind: neither memory nor descriptors.

The server's own growth is taken off: it is measured bare.
"""

import pytest

from support import memory
from support.conversation import serves
from support.differential import descriptors, known
from support.parameters import on_named
from support.quiet import deserted
from support.waiting import until

WARM = 600
QUICK, WHOLE = 3_000, 100_000

# Kilobytes: what an allocator's luck may add. Sixteen bytes a connection would be more.
LUCK = {QUICK: 160, WHOLE: 1024}

many = on_named("nginx", "plain-c")
more = on_named("lighttpd", "haproxy", "evhttp", "mhd-threads", "h2o", "node", "http.server")


def growth(process, number):
    """Kilobytes that so many connections add, once a first few have been served."""
    known(process)
    memory.visits(process, range(WARM))
    deserted(process)
    before, opened = memory.private(process), descriptors(process)
    memory.visits(process, range(number))
    deserted(process)
    assert until(lambda: descriptors(process) == opened), (opened, descriptors(process))
    serves(process, process.server.small)
    return memory.private(process) - before


def is_flat(server, number, bare, preloaded):
    own = max(0, growth(bare(server, fresh=True), number))
    assert growth(preloaded, number) - own <= LUCK[number]


@pytest.mark.parametrize("limit", ["1", "3", "off"])
@many
def test_many_connections_leave_no_memory_behind(server, limit, bare, under, request):
    number = WHOLE if request.config.getoption("--whole") else QUICK
    is_flat(server, number, bare, under(server, fresh=True, LASTCALL_REQUESTS=limit))


@more
def test_a_hundred_thousand_connections_leave_no_memory_behind(server, bare, under, request):
    if not request.config.getoption("--whole"):
        pytest.skip("in make differential")
    is_flat(server, WHOLE, bare, under(server, fresh=True, LASTCALL_REQUESTS="3"))
