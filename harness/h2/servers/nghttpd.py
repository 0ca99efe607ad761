"""nghttpd, which speaks HTTP/2 only, and first; with PROXY headers nghttpx stands in its place."""

from h2.servers.description import H2Server
from servers.description import Log


def command(place):
    return ["nghttpd", "--no-tls", "--address", "127.0.0.1", "-v", "-d", str(place.www),
            "--echo-upload", str(place.port)]


def proxy(place, words=""):
    return ["nghttpx", "--conf=/dev/null", f"--frontend=127.0.0.1,{place.port};no-tls{words}",
            f"--backend=127.0.0.1,{place.backend_port}", "--workers=1",
            "--accesslog-file=/dev/stdout"]


def behind_proxy(place):
    return proxy(place, ";proxyproto")


servers = [
    H2Server("h2-nghttpd", packages=("nghttp2-server",), needs=("nghttpd",), command=command,
             count=Log("stdout")),
    H2Server("h2-nghttpx", packages=("nghttp2-proxy",), needs=("nghttpx",), command=proxy,
             count=Log("stdout"), backend=True, post="/length", length="/length", http1=True,
             upgrades_h2c=True, behind_proxy=behind_proxy),
]
