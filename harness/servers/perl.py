"""Perl: HTTP::Daemon in its manual page's loop, and starman."""

from servers.description import (CHILDREN_COME_AND_GO, DIES_OF_SIGPIPE, Counter, Log, Server,
                                 app_environment, program)


def daemon(place):
    return ["perl", program("daemon.pl")]


def starman(place):
    return ["starman", "--listen", f"127.0.0.1:{place.port}", "--workers", "1",
            "--keepalive-timeout", "60", "--backlog", "512", "--max-requests", "1000000",
            "--error-log", "/dev/stderr", program("app.psgi")]


servers = [
    Server("http-daemon", packages=("libhttp-daemon-perl",), needs=("perl", "perl:HTTP::Daemon"),
           command=daemon, environment=app_environment, count=Log("stderr"), post="/length",
           length="/length", continues=True,
           quirks={DIES_OF_SIGPIPE: "Perl leaves the signal at its default action"}),
    Server("starman", packages=("starman",), needs=("starman",), command=starman,
           environment=app_environment, count=Counter(), post="/length", length="/length",
           continues=True,
           quirks={CHILDREN_COME_AND_GO: "a worker that meets half a request ends"}),
]
