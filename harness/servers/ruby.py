"""Ruby: puma and thin on one Rack application, and WEBrick on its file handler."""

from servers.description import (DROPS_PIPELINED, HALF_CLOSE_RACES, HANDS_ON_PIPELINED,
                                 LEAVES_FILES_OPEN, LEAVES_WHEN_CROWDED, ODD_CONNECT, Counter, Log,
                                 Server, app_environment, program)


def puma(place, threads=2):
    return ["puma", "--no-config", "-t", f"{threads}:{threads}", "-b", f"tcp://127.0.0.1:{place.port}?backlog=512",
            "-e", "production", program("app.ru")]


def thin(place):
    return ["thin", "-a", "127.0.0.1", "-p", str(place.port), "-e", "production", "-q",
            "--max-persistent-conns", "1024", "-R", program("app.ru"), "start"]


def webrick(place):
    return ["ruby", program("webrick.rb")]


def rack(name, packages, command, **facts):
    return Server(name, packages=packages, needs=packages, command=command,
                  environment=app_environment, count=Counter(), post="/length", length="/length",
                  **facts)


servers = [
    rack("puma", ("puma",), puma, chunks="/chunks", continues=True,
         quirks={LEAVES_WHEN_CROWDED: "it closes kept connections while others wait",
                 HANDS_ON_PIPELINED: "whatever it has read behind a head is content, however long",
                 HALF_CLOSE_RACES: "it takes a half-closed client for one that left"}),
    rack("thin", ("thin",), thin,
         quirks={DROPS_PIPELINED: "what it had read behind a request is never looked at again",
                 HALF_CLOSE_RACES: "it takes a half-closed client for one that left"}),
    Server("webrick", packages=("ruby-webrick",), needs=("ruby", "ruby:webrick"), command=webrick,
           environment=app_environment, count=Log("stderr"), post="/length", length="/length",
           quirks={ODD_CONNECT: "its error page tells an object's address",
                   LEAVES_FILES_OPEN: "it leaves them to the garbage"}),
]
