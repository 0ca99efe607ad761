"""PROXY headers as layer-4 balancers send them before anything else. Knows their bytes only."""

import struct

SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"
ADDRESSES = b"\x7f\0\0\x01" * 2 + struct.pack("!HH", 40000, 80)

PREFIXES = {
    "v1": b"PROXY TCP4 127.0.0.1 127.0.0.1 40000 80\r\n",
    "v1 unknown": b"PROXY UNKNOWN\r\n",
    "v2": SIGNATURE + b"\x21\x11" + struct.pack("!H", len(ADDRESSES)) + ADDRESSES,
    "v2 local": SIGNATURE + b"\x20\x00\0\0",
}
