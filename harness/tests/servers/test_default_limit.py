"""Without a setting, the thousandth response of a connection is its last."""

from support.conversation import ends_at, requests, talk
from support.messages import get
from support.parameters import on_those

DEFAULT = 1000


@on_those(lambda server: server.fast)
def test_the_thousandth_response_says_close_by_default(server, bare, under):
    script = requests(*[get(server.small)] * (DEFAULT + 1))
    plain = talk(bare(server), script)
    assert len(plain.responses) == DEFAULT + 1
    ends_at(plain, talk(under(server), script), DEFAULT, server.volatile)
