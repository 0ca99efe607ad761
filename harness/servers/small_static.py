"""webfsd and civetweb: old, small C servers of static files, started by arguments alone."""

from servers.description import (CLOSES_ON_EAGAIN, DIES_OF_CUT_PIPELINE, HALF_CLOSE_RACES, Log,
                                 Server)


def webfsd(place):
    return ["webfsd", "-F", "-i", "127.0.0.1", "-p", str(place.port), "-r", str(place.www),
            "-c", "500", "-t", "60", "-L", str(place.log("access.log"))]


def civetweb(place, threads=4):
    return ["civetweb", "-document_root", str(place.www),
            "-listening_ports", f"127.0.0.1:{place.port}", "-enable_keep_alive", "yes",
            "-num_threads", str(threads), "-keep_alive_timeout_ms", "60000", "-connection_queue", "400",
            "-access_log_file", str(place.log("access.log"))]


servers = [
    Server("webfsd", packages=("webfs",), needs=("webfsd",), command=webfsd,
           count=Log("access.log"),
           quirks={DIES_OF_CUT_PIPELINE: "free(): invalid pointer, one time in fifteen",
                   HALF_CLOSE_RACES: "it may see the end of input before it looks for the next "
                                     "pipelined request"}),
    Server("civetweb", packages=("civetweb",), needs=("civetweb",), command=civetweb,
           count=Log("access.log"),
           # Its threads share gmtime()'s one result: now and then it holds another thread's time.
           volatile=frozenset({b"last-modified", b"expires"}),
           quirks={CLOSES_ON_EAGAIN: "it takes it for a failure of the connection"}),
]
