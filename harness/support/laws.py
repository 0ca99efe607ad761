"""The promises as comparisons of what a bare server said with what the preloaded one said.

Knows responses, not sockets or processes. Each law raises with the difference it found.
"""

from support.http_message import CRLF, Response, connection_options, field_lines, split_field

# Differ between two runs of the same bare server; a server may add to these, with its reason.
ALWAYS_VOLATILE = frozenset({b"date"})
OURS = (b"connection", b"keep-alive")


def masked(head, volatile=frozenset()):
    """The head with volatile values blanked: all else stays byte for byte."""
    status, *_ = head.split(CRLF, 1)
    return [status] + [masked_line(line, volatile | ALWAYS_VOLATILE) for line in field_lines(head)]


def masked_line(line, volatile):
    name, _ = split_field(line)
    return line.split(b":")[0] + b": *" if name in volatile else line


def without_ours(lines):
    return [line for line in lines if split_field(line)[0] not in OURS]


def is_same(bare, got, volatile=frozenset()):
    """P1: a response that is not the last is what the bare server sends."""
    assert masked(got.head, volatile) == masked(bare.head, volatile)
    assert [masked(head) for head in got.interim] == [masked(head) for head in bare.interim]
    has_same_body(bare, got)


def is_last(bare, got, volatile=frozenset()):
    """P2: one close option, no keep-alive, and every other field as bare, in order."""
    says_close(got)
    assert without_ours(masked(got.head, volatile)) == without_ours(masked(bare.head, volatile))
    assert sorted(other_options(got.head)) == sorted(other_options(bare.head))
    assert [masked(head) for head in got.interim] == [masked(head) for head in bare.interim]
    has_same_body(bare, got)


def says_close(got):
    options = got.options()
    assert options.count(b"close") == 1, got.head
    assert b"keep-alive" not in options, got.head
    assert not got.values(b"keep-alive"), got.head


def other_options(head):
    ours = (b"close", b"keep-alive")
    return [option for option in connection_options(head) if option not in ours]


def has_same_body(bare, got):
    """By framing and content; where the chunks are cut is the server's business of the moment."""
    assert got.framing == bare.framing
    assert len(got.content) == len(bare.content)
    assert got.content == bare.content


def is_edited(plain, got):
    split = [wire.partition(b"\r\n\r\n") for wire in (plain, got)]
    (head, mark, body), (got_head, _, got_body) = split
    is_last(Response(head + mark, body, "length"), Response(got_head + mark, got_body, "length"))
