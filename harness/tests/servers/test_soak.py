"""A short soak, so that the long one is known to run; what it demands is said in soak.py."""

import pytest

import soak

SECONDS = 2
PATIENCE = 600  # on a busy machine its clients take long to start


@pytest.mark.timeout(PATIENCE)
@pytest.mark.parametrize("name", soak.SERVERS)
def test_a_mixed_load_that_is_steered_loses_nothing_and_leaves_nothing_behind(name, stable, library):
    server = soak.SERVERS[name]
    if server.missing():
        pytest.skip(f"install {' '.join(server.packages)} to run {name}")
    subject, = soak.soak_all(stable, library, SECONDS, [name], seed=1)
    assert not subject.failures
    assert subject.clients["answered"] and subject.words
