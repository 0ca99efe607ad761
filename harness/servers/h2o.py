"""h2o, by two threads; it also starts a Perl helper, which inherits its environment."""

import os

from servers.description import Log, Server


def command(place):
    user = "" if os.geteuid() else "user: root"  # who is not root cannot become anybody
    path = place.write("h2o.conf", f"""
listen:
  host: 127.0.0.1
  port: {place.port}
num-threads: 2
{user}
http1-request-timeout: 60
hosts:
  default:
    paths:
      "/":
        file.dir: {place.www}
access-log:
  path: {place.log("access.log")}
  format: "%r"
""")
    return ["h2o", "-m", "worker", "-c", str(path)]


servers = [Server("h2o", packages=("h2o",), needs=("h2o",), command=command,
                  count=Log("access.log"), continues=True, fast=True)]
