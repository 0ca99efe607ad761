"""What inetd does: it accepts, and starts a program whose descriptors 0 and 1 are the connection.

The program never calls accept; it finds its connection open when it begins.
"""

import os
import socket
import subprocess
import sys

children = []
listener = socket.create_server(("127.0.0.1", int(os.environ["PORT"])), backlog=512)
while True:
    connection, _ = listener.accept()
    with connection:
        children.append(subprocess.Popen(sys.argv[1:], stdin=connection, stdout=connection))
    children = [child for child in children if child.poll() is None]
