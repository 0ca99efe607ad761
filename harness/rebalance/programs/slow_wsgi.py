"""The WSGI application: sleeps, as one that waits for its database; gunicorn's threads are few."""

import os
import time

CONTENT = open(os.environ["INSTANCE"], "rb").read()
SERVICE = float(os.environ["SERVICE"])


def app(environ, start_response):
    time.sleep(SERVICE)
    start_response("200 OK", [("Content-Length", str(len(CONTENT)))])
    return [CONTENT]
