"""HTTP/2 in clear text: real servers, real clients and proxies, and a peer that counts frames."""
