"""The messages that the measurements send, as wrk, curl and a browser send them, byte for byte."""

from support import messages

HOST = "Host: 127.0.0.1:12345"
WRK = messages.lines("GET / HTTP/1.1", HOST)
CURL = messages.lines("GET / HTTP/1.1", HOST, "User-Agent: curl/7.88.1", "Accept: */*")
BROWSER = messages.lines(
    "GET /catalogue/items?page=2 HTTP/1.1",
    HOST,
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Language: en-GB,en;q=0.5",
    "Accept-Encoding: gzip, deflate, br",
    "Connection: keep-alive",
    "Referer: http://127.0.0.1:12345/catalogue?page=1",
    "Cookie: session=0123456789abcdef0123456789abcdef0123456789",
    "Upgrade-Insecure-Requests: 1")
MEBIBYTE = 1 << 20
UPLOAD_HEAD = messages.lines("POST / HTTP/1.1", HOST, f"Content-Length: {MEBIBYTE}")
UPLOAD = UPLOAD_HEAD + b"u" * MEBIBYTE
PIPELINED = 16
