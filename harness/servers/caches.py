"""varnish and squid in front of a backend."""

from servers.description import HALF_CLOSE_RACES, NAMES_EXCHANGES, Backend, Server


def varnish(place):
    return ["varnishd", "-F", "-a", f"127.0.0.1:{place.port}", "-b",
            f"127.0.0.1:{place.backend_port}", "-n", str(place.folder("varnish")), "-T", "none",
            "-j", "none", "-p", "timeout_idle=60", "-p", "thread_pools=1"]


def squid(place):
    path = place.write("squid.conf", f"""
http_port 127.0.0.1:{place.port} accel defaultsite=localhost no-vhost
cache_peer 127.0.0.1 parent {place.backend_port} 0 no-query originserver name=b no-digest
http_access allow all
cache deny all
pid_filename {place.folder("run")}/squid.pid
cache_log {place.log("cache.log")}
access_log stdio:{place.log("access.log")}
logformat line %rm %ru HTTP/1.1
coredump_dir none
shutdown_lifetime 0 seconds
visible_hostname localhost
""")
    # Its shared memory has the service's name: another user's must not be in the way.
    return ["squid", "-N", "-n", f"lastcall{place.port}", "-f", str(path)]


servers = [
    Server("varnish", packages=("varnish",), needs=("varnishd",), command=varnish, backend=True,
           count=Backend(), volatile=frozenset({b"x-varnish", b"age"}), post="/length",
           length="/length", quirks={NAMES_EXCHANGES: "as X-Varnish does"}),
    Server("squid", packages=("squid",), needs=("squid",), command=squid, backend=True,
           count=Backend(), volatile=frozenset({b"age", b"x-cache-lookup"}), post="/length",
           length="/length", chunks="/chunks", continues=True,
           quirks={HALF_CLOSE_RACES: "it gives up a request whose client half-closed"}),
]
