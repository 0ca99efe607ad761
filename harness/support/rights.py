"""Processes with the rights that a container's runtime gives, and a server that drops root.

Knows setpriv's words. Refuses to know what is asked of whom.
"""

# What containerd and CRI-O give to a container that asks for nothing.
GIVEN = ("chown", "dac_override", "fowner", "fsetid", "kill", "setgid", "setuid", "setpcap",
         "net_bind_service", "net_raw", "sys_chroot", "mknod", "audit_write", "setfcap")
USER, GROUP = 12_345, 12_346
AS_USER = ["setpriv", f"--reuid={USER}", f"--regid={GROUP}", "--groups=12347,12348"]


def bounded(*names):
    kept = ",".join(["-all", *(f"+{name}" for name in names)])
    return ["setpriv", f"--bounding-set={kept}", "--inh-caps=-all"]


SERVER = """
import http.server, sys
class Handler(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
    print(server.server_port, flush=True)
    server.serve_forever()
"""
