"""The WSGI application of gunicorn, waitress and cheroot. It sends no content to HEAD."""

import handler

LINES = {200: "200 OK", 404: "404 Not Found"}


def content_length(environ):
    stream = environ["wsgi.input"]
    if environ.get("CONTENT_LENGTH"):
        return len(stream.read(int(environ["CONTENT_LENGTH"])))
    if "HTTP_TRANSFER_ENCODING" in environ or environ.get("wsgi.input_terminated"):
        return len(stream.read())
    return 0


def app(environ, start_response):
    length = content_length(environ)
    path = environ["PATH_INFO"]
    if path == "/chunks":
        handler.count()
        start_response("200 OK", [("Content-Type", "text/plain")])
        return iter(handler.CHUNKS)
    status, content = handler.resource(path, length)
    start_response(LINES[status], [("Content-Type", "text/plain"),
                                   ("Content-Length", str(len(content)))])
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [content]
