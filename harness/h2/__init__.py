"""What the tests of HTTP/2 in clear text have of their own: frames, a raw peer, servers, laws, loads."""
