"""Preloaded servers of HTTP/2 with a status page: the same commands, probes of their own protocol."""

import pytest

from h2 import talk
from support.live import Live
from support.waiting import until


@pytest.fixture
def live_h2(under, command, tmp_path):
    """live_h2(server, LASTCALL_AGE="1s"): a fresh one, without limits but these, settled."""
    def start(server, fresh=True, **settings):
        settings = {"LASTCALL_REQUESTS": "off", "LASTCALL_STATUS": tmp_path, **settings}
        started = Live(under(server, fresh=fresh, **settings), command)
        talk.serves(started.process)
        assert until(lambda: started.numbers().get("connections")), "no connection is counted"
        started.settled()
        return started
    return start
