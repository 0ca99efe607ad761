"""Processes of Go servers that a test ends itself: it asks how they end, or starts them oddly.

Knows the harness's way to start a server. Refuses to know what is asked of it.
"""

from dataclasses import replace

import pytest


@pytest.fixture
def own(stable, library):
    """own(server, limit, wrap=…, FOO=…): a process of the test's own; a limit of None is bare."""
    processes = []

    def start(server, limit=None, settings=None, command=None, wrap=(), by=library, **variables):
        if server.missing():
            pytest.skip(f"install {' '.join(server.packages)} to run {server.name}")
        given = server.environment
        variant = replace(server, wrap=(*server.wrap, *map(str, wrap)),
                          command=command or server.command,
                          environment=lambda place: {**given(place), **variables})
        wanted = {"LASTCALL_REQUESTS": str(limit), **(settings or {})}
        processes.append(stable.start(variant, by if limit else None, wanted))
        return processes[-1]

    yield start
    for process in processes:
        stable.drop(process)


def told(process):
    """What lastcall has said on its standard error."""
    return [line for line in process.stderr().splitlines() if line.startswith("lastcall:")]
