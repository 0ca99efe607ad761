"""Servers built here from programs/: evhttp, libmicrohttpd, plain libc, stdio."""

from servers.description import (BODY_ON_HEAD, CHILDREN_COME_AND_GO, DIES_OF_SIGPIPE,
                                 HALF_CLOSE_RACES, KEEPS_RESET_POSTS, NO_CHUNKED_REQUESTS,
                                 ODD_CONNECT, PYTHON, Counter, Log, Server, app_environment, compiled, program)


def built(source, *flags, compiler="cc", arguments=()):
    def command(place):
        return [compiled(place, source, *flags, compiler=compiler), *arguments]
    return command


def counting(name, packages, needs, command, **facts):
    return Server(name, packages=packages, needs=needs, command=command,
                  environment=app_environment, count=Counter(), post="/length", length="/length",
                  **facts)


def mhd(name, mode, **facts):
    return counting(name, ("gcc", "libmicrohttpd-dev"), ("cc", "/usr/include/microhttpd.h"),
                    built("mhd.c", "-lmicrohttpd", arguments=(mode,)), continues=True,
                    **facts)


def built_plain(*arguments, compiler="cc"):
    return built("plain.c", "-pthread", compiler=compiler, arguments=arguments)


def by_inetd(place):
    return [PYTHON, program("inetd.py"), *built_plain("inherited")(place)]


def plain(name, package, compiler, command, *quirk):
    quirks = {NO_CHUNKED_REQUESTS: "it is a small program"} | dict([quirk] if quirk else [])
    return Server(name, packages=(package,), needs=(compiler,), command=command,
                  environment=app_environment, count=Log("stderr"), post="/length",
                  length="/length", quirks=quirks)


servers = [
    counting("evhttp", ("gcc", "libevent-dev"), ("cc", "/usr/include/event2/http.h"),
             built("evhttp.c", "-levent"), chunks="/chunks", backlog=128,
             quirks={BODY_ON_HEAD: "it writes the handler's content whatever the method",
                     DIES_OF_SIGPIPE: "the program leaves the signal at its default action",
                     HALF_CLOSE_RACES: "it closes when it reads the end of input",
                     ODD_CONNECT: "it never answers it"}),
    mhd("mhd-epoll", "epoll",
        quirks={HALF_CLOSE_RACES: "it may not look again for an end of input that came together "
                                  "with pipelined requests",
                KEEPS_RESET_POSTS: "of other clients that left, too, for the same reason"}),
    mhd("mhd-threads", "threads"),
    plain("plain-c", "gcc", "cc", built_plain()),
    plain("plain-dup", "gcc", "cc", built_plain("dup")),
    plain("musl", "musl-tools", "musl-gcc", built_plain(compiler="musl-gcc")),
    plain("inetd", "gcc", "cc", by_inetd, CHILDREN_COME_AND_GO, "each serves one connection"),
    Server("stdio", packages=("gcc",), needs=("cc",), command=built("stdio.c"),
           environment=app_environment, followed=False,
           quirks={CHILDREN_COME_AND_GO: "each serves one connection"}),
]
