"""Apache by its event module with mod_http2: one child, so that each accept is in its process.

Its upgrade is not played: bare, it ends an upgraded connection with GOAWAY "timeout" as soon as no
stream is open.
"""

from h2.servers.description import H2Server
from servers.apache import MODULES, by
from servers.description import Log

HTTP2 = f"""
LoadModule http2_module {MODULES}/mod_http2.so
Protocols h2c http/1.1
H2Direct on
StartServers 1
ServerLimit 1
ThreadLimit 64
ThreadsPerChild 64
MaxRequestWorkers 64
MinSpareThreads 1
MaxSpareThreads 64
"""
MANY = ("ServerLimit 256\n", "MaxRequestWorkers 250\n")
PROXY = f"LoadModule remoteip_module {MODULES}/mod_remoteip.so\nRemoteIPProxyProtocol On\n"


def configured(place, more=""):
    words = by("event")(place)
    text = (place.scratch / "apache.conf").read_text()
    for line in MANY:
        text = text.replace(line, "")
    place.write("apache.conf", text + HTTP2 + more)
    return words


def behind_proxy(place):
    return configured(place, PROXY)


servers = [H2Server("h2-apache", packages=("apache2-bin",),
                    needs=("apache2", f"{MODULES}/mod_http2.so"), command=configured,
                    count=Log("access.log"), behind_proxy=behind_proxy, no_prefixes=("v1 unknown",), http1=True,
                    whole_preface=True, leaves_on_goaway=True)]
