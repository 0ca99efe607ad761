"""A websocket's frames come through untouched, byte for byte, whatever they look like: P4.

The limit is met by the upgrade itself, by a request behind it, or was one away. The upgrade's own
rules are tested with raw echoes; this is a real protocol, on real servers, for long.
"""

import pytest

from servers.websockets import echoing
from support.command_pages import command  # noqa: F401
from support.laws import masked
from support.live import grown, live  # noqa: F401
from support.messages import get
from support.parameters import on
from support.websocket import CLOSE, GOODBYE, UNMASKED, echoed, frame

FRAMES = 100_000
LAST_WORDS = frame(CLOSE, GOODBYE, UNMASKED)

websockets = on(echoing)
keeping = on([server for server in echoing if server.name == "node-ws"])


@pytest.mark.parametrize("limit", [1, 2, 3])
@websockets
def test_frames_are_echoed_untouched(server, limit, bare, under):
    plain, _ = echoed(bare(server).port, 1)
    head, rest = echoed(under(server, LASTCALL_REQUESTS=limit).port, FRAMES)
    assert masked(head) == masked(plain)
    assert rest == LAST_WORDS


@pytest.mark.parametrize("limit", [2, 3])
@keeping
def test_frames_are_echoed_untouched_when_the_upgrade_is_the_last_exchange(server, limit, bare, under):
    before = [get("/")] * (limit - 1)
    plain, _ = echoed(bare(server).port, 1, before)
    head, rest = echoed(under(server, LASTCALL_REQUESTS=limit).port, FRAMES, before)
    assert masked(head) == masked(plain)
    assert rest == LAST_WORDS


@websockets
def test_the_status_page_tells_why_a_websocket_is_left_alone(server, live):
    served = live(server, LASTCALL_REQUESTS=1)
    before = served.status()[0]["opaque"]
    echoed(served.port, 1)
    counted = grown(before, (served.settled(), served.status()[0]["opaque"])[1])
    assert {reason: count for reason, count in counted.items() if count} == {"upgrade": 1}
