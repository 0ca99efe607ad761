"""varnish, which speaks HTTP/2 when it is told to: it passes what it has not yet to its backend.

Its upgrade is not played: bare, it may send the upgraded request's HEADERS before its SETTINGS.
"""

from h2.servers.description import H2Server
from servers.caches import varnish
from servers.description import Backend


def command(place):
    return [*varnish(place), "-p", "feature=+http2"]


servers = [H2Server("h2-varnish", packages=("varnish",), needs=("varnishd",), command=command,
                    backend=True, count=Backend(), volatile=frozenset({b"x-varnish", b"age"}),
                    post="/length", length="/length", http1=True, heavy=True, leaves_on_goaway=True,
                    no_trailers=True)]
