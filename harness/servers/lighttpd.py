"""lighttpd, its own limit raised out of the way."""

from servers.description import Log, Server


def command(place):
    path = place.write("lighttpd.conf", f"""
server.modules = ("mod_accesslog")
server.document-root = "{place.www}"
server.port = {place.port}
server.bind = "127.0.0.1"
server.max-keep-alive-requests = 100000
server.max-keep-alive-idle = 60
server.max-connections = 1024
server.max-fds = 4096
accesslog.filename = "{place.log("access.log")}"
accesslog.format = "%r"
mimetype.assign = (".txt" => "text/plain")
""")
    return ["lighttpd", "-D", "-f", str(path)]


servers = [Server("lighttpd", packages=("lighttpd",), needs=("lighttpd",), command=command,
                  count=Log("access.log"), fast=True)]
