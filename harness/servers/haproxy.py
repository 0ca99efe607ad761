"""HAProxy: answering by itself from a file, and as a splicing proxy.

The proxy has one thread, so that how it shares its idle upstream connections is certain.
"""

from servers.description import HALF_CLOSE_RACES, ODD_CONNECT, Log, Server


def configuration(place, threads, serving, splice=""):
    return place.write("haproxy.cfg", f"""
global
  nbthread {threads}
  maxconn 2000
  log stdout format raw local0
defaults
  mode http
  log global
  option httplog
  timeout client 60s
  timeout server 60s
  timeout connect 10s
  {splice}
frontend f
  bind 127.0.0.1:{place.port}
  {serving}
""")


def command(path):
    return ["haproxy", "-db", "-f", str(path)]


def answering(place):
    files = (f"http-request return status 200 content-type text/plain file {place.www}/small.txt")
    return command(configuration(place, threads=2, serving=files))


def as_proxy(place):
    backend = f"default_backend b\nbackend b\n  server s1 127.0.0.1:{place.backend_port}"
    return command(configuration(place, 1, backend, "option splice-auto\n  option splice-response"))


def haproxy(name, start, **facts):
    return Server(name, packages=("haproxy",), needs=("haproxy",), command=start,
                  count=Log("stdout"), **facts)


RACES = {HALF_CLOSE_RACES: "it ends a half-closed connection as soon as a response is out"}


servers = [
    haproxy("haproxy", answering, big=None, huge=None, early="/small.txt",
            quirks=RACES | {ODD_CONNECT: "its fixed response answers CONNECT too"}),
    haproxy("haproxy-proxy", as_proxy, backend=True, post="/length", length="/length",
            chunks="/chunks", continues=True, quirks=RACES),
]
