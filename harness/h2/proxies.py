"""Proxies that speak HTTP/1.1 or gRPC to their clients and HTTP/2 in clear text to the server behind.

A row says how one is started in front of a port. They are never preloaded here: they are clients.
"""

from dataclasses import dataclass
from typing import Callable

from h2.servers.description import H2Server
from servers.apache import MODULES, by
from servers.haproxy import command as haproxy_command
from servers.haproxy import configuration as haproxy_configuration
from servers.nginx import command as nginx_command


# How a request comes: with no content, with content in its segment, or with content in another.
EMPTY, WHOLE, APART = "empty", "whole", "apart"


@dataclass(frozen=True)
class Proxy:
    name: str
    packages: tuple
    needs: tuple
    command: Callable  # of its place and the port behind it
    grpc: bool = False
    heavy: bool = False
    keeps: tuple = (WHOLE, APART)  # requests that it loses to no GOAWAY; of what is missing:
    loses: str = ""  # why

    def before(self, process):
        """As a server to start beside the one behind it: beside means under its name."""
        return H2Server(process.server.name, packages=self.packages, needs=self.needs,
                        command=lambda place: self.command(place, process.port))


def haproxy(place, port):
    behind = f"default_backend b\nbackend b\n  server s1 127.0.0.1:{port} proto h2"
    return haproxy_command(haproxy_configuration(place, 1, behind))


def nghttpx(place, port):
    return ["nghttpx", "--conf=/dev/null", f"--frontend=127.0.0.1,{place.port};no-tls",
            f"--backend=127.0.0.1,{port};;proto=h2", "--workers=1"]


def apache(place, port):
    words = by("event")(place)
    modules = "".join(f"LoadModule {name}_module {MODULES}/mod_{name}.so\n"
                      for name in ("proxy", "proxy_http2", "http2"))
    with open(place.scratch / "apache.conf", "a") as file:
        file.write(f"{modules}ProxyPass / h2c://127.0.0.1:{port}/\n")
    return words


def caddy(place, port):
    path = place.write("Caddyfile", f"""
{{
  admin off
  auto_https off
}}
http://:{place.port} {{
  bind 127.0.0.1
  reverse_proxy h2c://127.0.0.1:{port}
}}
""")
    return ["caddy", "run", "--adapter", "caddyfile", "--config", str(path)]


def nginx_grpc(place, port):
    return nginx_command(place, listen="http2",
                         http=f"upstream b {{ server 127.0.0.1:{port}; keepalive 8; }}",
                         location="location / { grpc_pass grpc://b; }")


ALL = [
    Proxy("haproxy", ("haproxy",), ("haproxy",), haproxy),
    Proxy("nghttpx", ("nghttp2-proxy",), ("nghttpx",), nghttpx,
          keeps=(WHOLE,),
          loses="it queues their heads, may not send them on that connection any more, and "
                "answers 502 beside sending them again"),
    Proxy("apache", ("apache2-bin",), ("apache2", f"{MODULES}/mod_proxy_http2.so"), apache),
    Proxy("caddy", ("caddy",), ("caddy",), caddy, heavy=True,
          keeps=(EMPTY,),
          loses="Go's transport closes the content of what it could not send, sends it again, "
                "and reads from it: invalid Read on closed Body"),
    Proxy("nginx-grpc", ("nginx-light",), ("nginx",), nginx_grpc, grpc=True,
          keeps=(WHOLE,)),
]
