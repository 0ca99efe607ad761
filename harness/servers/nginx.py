"""nginx: plain, with sendfile, as a proxy, and (unseen by the library) with TLS.

keepalive_requests is raised so that nginx's own limit is out of the way.
"""

from servers.description import (HALF_CLOSE_RACES, KEEPS_RESET_POSTS, Log, Place, Server,
                                 run_build)

NATIVE_LIMIT = 100_000


def configuration(place: Place, http="", listen="", location="", workers=1):
    for folder in "bpfus":
        place.folder(folder)
    return place.write("nginx.conf", f"""
worker_processes {workers};
pid {place.scratch}/nginx.pid;
error_log stderr info;
daemon off;
events {{ worker_connections 1024; }}
http {{
  access_log {place.log("access.log")};
  client_body_temp_path {place.scratch}/b; proxy_temp_path {place.scratch}/p;
  fastcgi_temp_path {place.scratch}/f; uwsgi_temp_path {place.scratch}/u;
  scgi_temp_path {place.scratch}/s;
  client_max_body_size 64m;
  keepalive_requests {NATIVE_LIMIT};
  keepalive_timeout 60s;
  {http}
  server {{ listen 127.0.0.1:{place.port} {listen}; root {place.www}; {location} }}
}}
""")


def command(place, **parts):
    return ["nginx", "-p", f"{place.scratch}/", "-c", str(configuration(place, **parts))]


def with_sendfile(place):
    return command(place, http="sendfile on; tcp_nopush on;")


def as_proxy(place):
    upstream = f"upstream b {{ server 127.0.0.1:{place.backend_port}; keepalive 8; }}"
    passing = ("location / { proxy_pass http://b; proxy_http_version 1.1;"
               " proxy_set_header Connection ''; }")
    return command(place, http=upstream, location=passing)


def with_tls(place):
    """A certificate signed by itself, made on the spot."""
    key, certificate = place.scratch / "key.pem", place.scratch / "certificate.pem"
    run_build(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
               "-nodes", "-days", "2", "-subj", "/CN=localhost", "-keyout", str(key),
               "-out", str(certificate)])
    files = f"ssl_certificate {certificate}; ssl_certificate_key {key}; ssl_session_tickets off;"
    return command(place, http=files, listen="ssl")


def nginx(name, start, **facts):
    return Server(name, packages=("nginx-light",), needs=("nginx",), command=start, **facts)


DISCARDS = {KEEPS_RESET_POSTS: "it may miss the reset while it discards the content"}

servers = [
    nginx("nginx", command, count=Log("access.log"), early="/small.txt", fast=True,
          quirks=DISCARDS),
    nginx("nginx-sendfile", with_sendfile, count=Log("access.log"), early="/small.txt",
          quirks=DISCARDS),
    nginx("nginx-proxy", as_proxy, count=Log("access.log"), backend=True, post="/length",
          length="/length", chunks="/chunks", continues=True,
          quirks={HALF_CLOSE_RACES: "it gives up a proxied request whose client half-closed"}),
    Server("nginx-tls", packages=("nginx-light", "openssl"), needs=("nginx", "openssl"),
           command=with_tls, followed=False, tls=True),
]
