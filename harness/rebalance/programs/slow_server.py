"""Python's own http.server with an application that takes its time: a thread for each connection."""

import os
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

CONTENT = open(os.environ["INSTANCE"], "rb").read()
SERVICE = float(os.environ["SERVICE"])
gate = threading.Semaphore(int(os.environ["WORKERS"]))


class Answer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 4096  # head and content in one packet

    def do_GET(self):
        with gate:
            time.sleep(SERVICE)
        self.send_response(200)
        self.send_header("Content-Length", str(len(CONTENT)))
        self.end_headers()
        self.wfile.write(CONTENT)

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    request_queue_size = 512
    daemon_threads = True


Server((os.environ["ADDRESS"], int(os.environ["PORT"])), Answer).serve_forever()
