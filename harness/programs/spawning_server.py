#!/usr/bin/python3
"""Answers each request with the output of a child started by subprocess, which uses vfork.

/closing: with all descriptors closed, as is the default; /keeping: with none closed; /piping: with
pipes on all three. Leaves after --connections.
"""

import subprocess
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def date_time_string(self, timestamp=None):
        return "now"

    def log_message(self, *_):
        pass

    def do_GET(self):
        command = ["/bin/sh", "-c", "cat; echo done >&2; echo child"]
        pipes = {"stdin": subprocess.DEVNULL, "stderr": subprocess.PIPE}
        if self.path == "/piping":
            pipes = {"input": b"piped ", "stderr": subprocess.STDOUT}
        done = subprocess.run(command, stdout=subprocess.PIPE, close_fds=self.path != "/keeping",
                              **pipes)
        self.send_response(200)
        self.send_header("Content-Length", str(len(done.stdout)))
        self.end_headers()
        self.wfile.write(done.stdout)


connections, = [int(word.partition("=")[2]) for word in sys.argv if word.startswith("--connections")]
server = HTTPServer(("127.0.0.1", 0), Handler)
print("port", server.server_port, flush=True)
for _ in range(connections):
    server.handle_request()
