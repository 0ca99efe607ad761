"""h2o, by two threads: as for HTTP/1.1, and with PROXY headers."""

from h2.servers.description import H2Server
from servers.description import Log
from servers.h2o import command


def behind_proxy(place):
    *words, path = command(place)
    port = f"  port: {place.port}\n"
    text = (place.scratch / "h2o.conf").read_text()
    place.write("h2o.conf", text.replace(port, f"{port}  proxy-protocol: ON\n"))
    return [*words, path]


servers = [H2Server("h2-h2o", packages=("h2o",), needs=("h2o",), command=command,
                    count=Log("access.log"), behind_proxy=behind_proxy, no_prefixes=("v2", "v2 local"),
                    upgrades_h2c=True, http1=True)]
