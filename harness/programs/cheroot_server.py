"""cheroot, the server inside CherryPy: another pool thread for each request of a connection."""

from cheroot import wsgi

import handler
from wsgi_app import app

wsgi.Server(("127.0.0.1", handler.PORT), app, request_queue_size=512, timeout=30).start()
