"""Prints the Debian packages of the test subjects that cannot be started here, one a line."""

from servers import ALL, go
from servers.websockets import echoing
from support.python_suite import Module

quick = [server for server in go.every if not server.heavy]
missing = [server for server in ALL + echoing + quick if server.missing()]
wanted = {package for server in missing for package in server.packages}
if (tests := Module("test_socket")).missing():
    wanted.add(tests.package)
for package in sorted(wanted):
    print(package)
