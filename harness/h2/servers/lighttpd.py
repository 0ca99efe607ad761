"""lighttpd, which speaks both protocols by itself since 1.4.59."""

from h2.servers.description import H2Server
from servers.description import Log
from servers.lighttpd import command


def behind_proxy(place):
    words = command(place)
    with open(place.scratch / "lighttpd.conf", "a") as file:
        file.write('server.modules += ("mod_extforward")\n'
                   'extforward.hap-PROXY = "enable"\n'
                   'extforward.forwarder = ("127.0.0.1" => "trust")\n')
    return words


servers = [H2Server("h2-lighttpd", packages=("lighttpd",), needs=("lighttpd",), command=command,
                    count=Log("access.log"), behind_proxy=behind_proxy, upgrades_h2c=True,
                    http1=True, whole_preface=True,
                    proxy_unseen="it takes the header by recv with MSG_TRUNC")]
