"""Prints the Debian packages of the quick servers, clients and proxies of HTTP/2 that cannot be started
here, one a line. The heavy ones are in tools/packages, for make suites."""

from h2 import clients, proxies, servers
from servers.description import present

wanted = {package for subject in servers.QUICK + clients.QUICK + proxies.ALL
          for package in subject.packages
          if not getattr(subject, "heavy", False) and not all(map(present, subject.needs))}
for package in sorted(wanted):
    print(package)
