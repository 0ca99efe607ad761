"""A conversation in which the last response may be left alone, since a call failed that would have proven
the place: then it is as bare, and else exact.
"""

from support import laws
from support.client import FIN, Client


def in_doubt(requests):
    """Answers to all the requests; a close option ends it, by the client's own hand."""
    def talk(port):
        with Client(port) as client:
            responses = []
            for one in requests:
                responses.append(client.exchange(one))
                if not responses[-1].persists:
                    break
            client.half_close()
            return responses, client.ending()
    return talk


def is_exact_or_untouched(bare, kept, limit):
    responses, left = kept
    for number, (expected, got) in enumerate(zip(bare, responses), 1):
        if number == limit and not got.persists:
            laws.is_last(expected, got)
        else:
            assert got.wire == expected.wire
    assert len(responses) in (limit, len(bare))
    assert left == FIN
