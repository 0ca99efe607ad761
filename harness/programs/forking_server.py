"""http.server with a process per connection: the parent closes its copy at once."""

import functools
import http.server
import os
import socketserver


class ForkingServer(socketserver.ForkingMixIn, http.server.HTTPServer):
    request_queue_size = 512
    max_children = 400


class Handler(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"


serving = functools.partial(Handler, directory=os.environ["WWW"])
ForkingServer(("127.0.0.1", int(os.environ["PORT"])), serving).serve_forever()
