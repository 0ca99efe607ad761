"""Python: http.server, the WSGI and ASGI servers, twisted, tornado, aiohttp.

Their applications are in programs/ and count what they execute.
"""

from servers.description import (CHILDREN_COME_AND_GO, CLOSES_ON_EAGAIN, DROPS_PIPELINED,
                                 HALF_CLOSE_RACES, LEAVES_WHEN_CROWDED, PYTHON, SPINS_ON_LF,
                                 Counter, Log, Server, app_environment, program)


def http_server(place):
    return [PYTHON, "-m", "http.server", "--protocol", "HTTP/1.1", "--bind", "127.0.0.1",
            "--directory", str(place.www), str(place.port)]


def gunicorn(*options):
    def command(place):
        return ["gunicorn", "-b", f"127.0.0.1:{place.port}", "-w", "1", "--keep-alive", "60",
                "--worker-tmp-dir", str(place.scratch), *options, "wsgi_app:app"]
    return command


def waitress(place):
    return ["waitress-serve", f"--listen=127.0.0.1:{place.port}", "--connection-limit=1000",
            "--channel-timeout=60", "wsgi_app:app"]


def twisted(place):
    return [PYTHON, "-u", "-m", "twisted", "web", "--path", str(place.www),
            "--listen", f"tcp:{place.port}:interface=127.0.0.1"]


def uvicorn(loop, http):
    def command(place):
        return ["uvicorn", "--host", "127.0.0.1", "--port", str(place.port), "--loop", loop,
                "--http", http, "--timeout-keep-alive", "60", "--log-level", "warning",
                "asgi_app:app"]
    return command


def script(name):
    return lambda place: [PYTHON, program(name)]


def framework(name, packages, needs, command, **facts):
    """A server whose application is ours: it counts, and tells the length of what is posted."""
    return Server(name, packages=packages, needs=needs, command=command,
                  environment=app_environment, count=Counter(), post="/length", length="/length",
                  **{"chunks": "/chunks", "continues": True} | facts)


LEFT = {HALF_CLOSE_RACES: "it takes a half-closed client for one that left"}


servers = [
    Server("http.server", packages=("python3",), needs=(PYTHON,), command=http_server,
           count=Log("stderr"), backlog=5),
    Server("http.server-forking", packages=("python3",), needs=(PYTHON,),
           command=script("forking_server.py"), environment=app_environment, count=Log("stderr"),
           quirks={CHILDREN_COME_AND_GO: "each serves one connection"}),
    framework("gunicorn-gthread", ("gunicorn",), ("gunicorn",),
              gunicorn("-k", "gthread", "--threads", "4"),
              quirks={DROPS_PIPELINED: "its parser, and what it had read ahead, is thrown away "
                                       "with each request"}),
    framework("gunicorn-gevent", ("gunicorn", "python3-gevent"), ("gunicorn", "python:gevent"),
              gunicorn("-k", "gevent"),
              quirks={SPINS_ON_LF: "its search for the line's end never passes the LF"}),
    framework("waitress", ("python3-waitress",), ("waitress-serve",), waitress,
              chunks=None,  # it closes, and says so, when a response has no Content-Length
              quirks={CLOSES_ON_EAGAIN: "it takes it for a failure of the connection"}),
    framework("cheroot", ("python3-cherrypy3",), ("python:cheroot",), script("cheroot_server.py"),
              quirks={LEAVES_WHEN_CROWDED: "it keeps only so many idle connections"}),
    Server("twisted", packages=("python3-twisted",), needs=("python:twisted",), command=twisted,
           count=Log("stdout"), continues=True, backlog=50, quirks=LEFT),
    framework("uvicorn-uvloop", ("uvicorn", "python3-uvloop", "python3-httptools"),
              ("uvicorn", "python:uvloop", "python:httptools"), uvicorn("uvloop", "httptools"),
              early="/early", quirks=LEFT),
    framework("uvicorn-h11", ("uvicorn", "python3-h11"), ("uvicorn", "python:h11"),
              uvicorn("asyncio", "h11"), early="/early"),
    framework("tornado", ("python3-tornado",), ("python:tornado",), script("tornado_server.py"),
              backlog=128),
    framework("aiohttp", ("python3-aiohttp",), ("python:aiohttp",), script("aiohttp_server.py"),
              quirks=LEFT),
]
