"""HAProxy: what it answers by itself, by either protocol, and as a proxy that takes HTTP/2 alone."""

from h2.servers.description import H2Server
from servers.description import Log
from servers.haproxy import answering, as_proxy


def bound(command, words):
    """The same with more words behind the address that it listens to."""
    def start(place):
        argv = command(place)
        bind = f"bind 127.0.0.1:{place.port}"
        text = (place.scratch / "haproxy.cfg").read_text()
        place.write("haproxy.cfg", text.replace(bind, f"{bind} {words}"))
        return argv
    return start


def haproxy(name, **facts):
    return H2Server(name, packages=("haproxy",), needs=("haproxy",), count=Log("stdout"), **facts)


servers = [
    haproxy("h2-haproxy", command=answering, big=None, http1=True,
            behind_proxy=bound(answering, "accept-proxy"), answers_early=True,
            whole_preface=True),
    haproxy("h2-haproxy-proxy", command=bound(as_proxy, "proto h2"), backend=True, post="/length",
            length="/length"),
]
