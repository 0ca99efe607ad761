"""The requests that the tests send, spelled out byte for byte. Knows no server and no socket."""


def lines(*parts):
    return b"".join(part.encode() + b"\r\n" for part in parts) + b"\r\n"


def get(path="/small.txt", *fields, version="1.1"):
    return lines(f"GET {path} HTTP/{version}", "Host: localhost", *fields)


def head(path="/small.txt"):
    return lines(f"HEAD {path} HTTP/1.1", "Host: localhost")


def post(path, content, *fields):
    return post_head(path, len(content), *fields) + content


def post_head(path, length, *fields):
    return lines(f"POST {path} HTTP/1.1", "Host: localhost", "Content-Type: text/plain",
                 f"Content-Length: {length}", *fields)


def post_chunked(path, *chunks):
    return lines(f"POST {path} HTTP/1.1", "Host: localhost", "Content-Type: text/plain",
                 "Transfer-Encoding: chunked") + chunked(*chunks)


def chunked(*chunks):
    framed = (b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks)
    return b"".join(framed) + b"0\r\n\r\n"


def upgrade(path="/"):
    return lines(f"GET {path} HTTP/1.1", "Host: localhost", "Connection: Upgrade",
                 "Upgrade: echo")


def connect(port):
    return lines(f"CONNECT 127.0.0.1:{port} HTTP/1.1", f"Host: 127.0.0.1:{port}")
