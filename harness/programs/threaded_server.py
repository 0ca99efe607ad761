"""http.server with a thread per connection, and no log: it is run for long."""

import functools
import http.server
import os


class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 512


class Handler(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        length = len(self.rfile.read(int(self.headers["Content-Length"])))
        content = b"%d" % length
        self.send_response(200)
        self.send_header("Content-Length", len(content))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        pass


serving = functools.partial(Handler, directory=os.environ["WWW"])
Server(("127.0.0.1", int(os.environ["PORT"])), serving).serve_forever()
