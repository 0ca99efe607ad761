"""nginx: what it listens to with `http2` in clear text speaks nothing else (until 1.25)."""

from h2.servers.description import H2Server, with_parts
from servers.description import Log
from servers.nginx import command


def nginx(name, **facts):
    return H2Server(name, packages=("nginx-light",), needs=("nginx",), count=Log("access.log"),
                    no_trailers=True, **facts)


servers = [
    nginx("h2-nginx", command=with_parts(command, listen="http2"),
          behind_proxy=with_parts(command, listen="http2 proxy_protocol")),
    nginx("h2-nginx-sendfile",
          command=with_parts(command, listen="http2", http="sendfile on; tcp_nopush on;")),
]
