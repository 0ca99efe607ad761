"""Responses that two parsers may read differently: tests/hostile/responses.txt, from a server that
writes whatever it is told. Before the last one, and where one is refused, each byte is as bare.
"""

import re

import pytest

from support import hostile, laws, outcome, permissive
from support.messages import connect, get, head
from support.parameters import on

ROWS = hostile.rows("responses.txt")
REQUESTS = {"G": get(), "H": head(), "C": connect(80)}
METHODS = {"G": "GET", "H": "HEAD", "C": "CONNECT"}
HEAD_END = re.compile(rb"\n\r?\n")

on_permissive = on([permissive.server])


def asked_for(letters):
    return b"".join(REQUESTS[letter] for letter in letters)


def at_once(row):
    return [row.wire]


def in_two(row):
    """Cut where the last event is, so that a doubt is met in a call of its own."""
    place = row.places[-1]
    return [part for part in (row.wire[:place], row.wire[place:]) if part]


def said(process, row, pieces, requests=None):
    """What the client sees of a server that has read so many requests, all by default, and then
    writes the pieces, one call each."""
    read = len(asked_for(row.requests[:requests]))
    permissive.tell(process, [(read, piece) for piece in pieces])
    return outcome.play(process, [asked_for(row.requests)])


@pytest.mark.parametrize("cut", [at_once, in_two])
@on_permissive
def test_a_hostile_response_before_the_last_is_as_bare(server, cut, bare, under):
    for row in ROWS:
        preloaded = under(server, LASTCALL_REQUESTS=len(row.requests) + 1)
        plain, got = said(bare(server), row, cut(row)), said(preloaded, row, cut(row))
        assert plain.wire == row.wire, row
        assert (got.wire, got.ended) == (plain.wire, plain.ended), row
        assert (got.later, got.left) == (plain.later, plain.left), row


@pytest.mark.parametrize("cut", [at_once, in_two])
@on_permissive
def test_a_hostile_last_response_that_is_refused_in_its_head_is_as_bare(server, cut, bare, under):
    for row in ROWS:
        if "C" in row.requests or not row.refused or row.heads >= len(row.requests):
            continue
        preloaded = under(server, LASTCALL_REQUESTS=len(row.requests))
        plain, got = said(bare(server), row, cut(row)), said(preloaded, row, cut(row))
        assert (got.wire, got.ended) == (plain.wire, plain.ended), row
        assert (got.later, got.left) == (plain.later, plain.left), row


@pytest.mark.parametrize("cut", [at_once, in_two])
@on_permissive
def test_a_hostile_last_response_differs_in_its_head_alone(server, cut, under):
    """And in what follows its end, which is nothing."""
    for row in ROWS:
        if "C" in row.requests:  # what is pipelined behind it makes it a tunnel
            continue
        for number in range(1, min(row.heads, len(row.requests)) + 1):
            preloaded = under(server, LASTCALL_REQUESTS=number)
            got = said(preloaded, row, cut(row), number)
            is_ended_by_its_head(row, number, got.wire)


def is_ended_by_its_head(row, number, got):
    """Bytes before the head as they are, one close option in it, and all of the content behind."""
    start, end = head_of(row, number)
    assert got.startswith(row.wire[:start]), row
    got_end = HEAD_END.search(got, start).end()
    got_head, rest = got[start:got_end], got[got_end:]
    expected = laws.without_ours(laws.masked(modern(row.wire[start:end])))
    assert laws.without_ours(laws.masked(modern(got_head))) == expected, row
    assert got_head.lower().count(b"close") - row.wire[start:end].count(b'"close"') == 1, row
    assert b"keep-alive" not in got_head.lower(), row
    behind = content_of(row, number)
    assert rest == row.wire[end:behind] or rest == row.wire[end:], row


def modern(head):
    """With CRLF for LF, and no folded line."""
    return re.sub(rb"\r\n[ \t]+", b" ", re.sub(rb"\r?\n", b"\r\n", head))


def head_of(row, number):
    """Where the n-th final head begins, behind empty lines, and ends."""
    start = 0
    for event, place in zip(row.events, row.places):
        if event == "head":
            number -= 1
            if not number:
                return len(row.wire) - len(row.wire[start:].lstrip(b"\r\n")), place
        start = place


def content_of(row, number):
    """Where the n-th message ends; the end of all bytes for one that has no certain end."""
    return (row.ends + [len(row.wire)])[number - 1]
