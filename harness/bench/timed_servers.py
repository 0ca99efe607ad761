"""The servers whose time is measured, and the proxies that may stand in front of them: how each
starts, logs off, with or without a limit of its own. Refuses to know what is measured.
"""

from dataclasses import dataclass
from typing import Callable

from bench.driving import server as epoll_loop
from bench.protocols import HTTP1, HTTP2, Protocol
from go.building import built
from servers import nginx
from servers.description import PYTHON, app_environment, present, program

PATH = "/128.txt"
NO_LIMIT = 1_000_000_000
KEPT_UPSTREAM = 32


@dataclass(frozen=True)
class Timed:
    name: str
    needs: tuple
    command: Callable  # (place, limit of its own or None) → what to run
    environment: Callable = lambda place, limit: {}
    warm: float = 0.05  # seconds of load before the measure
    protocol: Protocol = HTTP1
    by_run: bool = False  # no loader preloads into it: `lastcall run` starts it

    def missing(self):
        return [need for need in self.needs if not present(need)]


# ---- Servers -----------------------------------------------------------------------------------


def epoll(place, limit):
    return [str(epoll_loop()), f"--port={place.port}"]


def nginx_files(place, limit):
    lines = f"access_log off; keepalive_requests {limit or NO_LIMIT};"
    return nginx.command(place, location=lines)


def lighttpd(place, limit):
    path = place.write("lighttpd.conf", f"""
server.document-root = "{place.www}"
server.port = {place.port}
server.bind = "127.0.0.1"
server.max-keep-alive-requests = {min(limit or 65535, 65535)}
server.max-keep-alive-idle = 60
mimetype.assign = (".txt" => "text/plain")
""")
    return ["lighttpd", "-D", "-f", str(path)]


def node(place, limit):
    return ["node", program("hello_node.js")]


def node_environment(place, limit):
    return app_environment(place) | {"LIMIT": str(limit or 0)}


def python(place, limit):
    return [PYTHON, program("hello_python.py")]


def nghttpd(place, limit):
    return ["nghttpd", "--no-tls", "--address", "127.0.0.1", "-d", str(place.www), str(place.port)]


def go(place, limit):
    """Static and stripped, as images have them; its own limit is the middleware of who has the source."""
    return [str(built("hello", "stripped"))]


SERVERS = {server.name: server for server in [
    Timed("epoll", ("gcc",), epoll),
    Timed("nginx", ("nginx",), nginx_files),
    Timed("lighttpd", ("lighttpd",), lighttpd),
    Timed("node", ("node",), node, node_environment, warm=0.3),
    Timed("python", (PYTHON,), python, lambda place, limit: app_environment(place), warm=0.1),
    Timed("go", ("go",), go, node_environment, warm=0.3, by_run=True),
    Timed("nghttpd", ("nghttpd", "h2load"), nghttpd, protocol=HTTP2),
]}


# ---- Proxies in front, with a limit of 1000 as a sidecar would have ------------------------------

LIMIT_IN_FRONT = 1000


def nginx_in_front(place, limit):
    upstream = f"upstream b {{ server 127.0.0.1:{place.backend_port}; keepalive {KEPT_UPSTREAM}; }}"
    lines = (f"access_log off; keepalive_requests {limit};"
             " location / { proxy_pass http://b; proxy_http_version 1.1;"
             " proxy_set_header Connection ''; }")
    return nginx.command(place, http=upstream, location=lines)


def haproxy_in_front(place, limit):
    """It has no such setting: a counter in the session does it."""
    return haproxy(place, "", f"""
  http-request set-var(sess.count) int(0) unless {{ var(sess.count) -m found }}
  http-request set-var(sess.count) var(sess.count),add(1)
  http-after-response set-header Connection close if {{ var(sess.count) -m int ge {limit} }}
""")


def haproxy(place, protocol, rules=""):
    path = place.write("haproxy.cfg", f"""
global
  nbthread 1
  maxconn 2000
defaults
  mode http
  timeout client 60s
  timeout server 60s
  timeout connect 10s
frontend f
  bind 127.0.0.1:{place.port} {protocol}
  {rules}
  default_backend b
backend b
  server s1 127.0.0.1:{place.backend_port} {protocol}
""")
    return ["haproxy", "-db", "-f", str(path)]


# ---- The same for HTTP/2, without a limit, since h2load would not connect anew -------------------


def nginx_in_front_of_frames(place, limit):
    upstream = f"upstream b {{ server 127.0.0.1:{place.backend_port}; keepalive {KEPT_UPSTREAM}; }}"
    lines = (f"access_log off; keepalive_requests {NO_LIMIT};"
             " location / { grpc_pass grpc://b; }")
    return nginx.command(place, http=upstream, location=lines, listen="http2")


def haproxy_in_front_of_frames(place, limit):
    return haproxy(place, "proto h2")


PROXIES = {(proxy.protocol, proxy.name): proxy for proxy in [
    Timed("nginx", ("nginx",), nginx_in_front),
    Timed("HAProxy", ("haproxy",), haproxy_in_front),
    Timed("nginx", ("nginx",), nginx_in_front_of_frames, protocol=HTTP2),
    Timed("HAProxy", ("haproxy",), haproxy_in_front_of_frames, protocol=HTTP2),
]}
