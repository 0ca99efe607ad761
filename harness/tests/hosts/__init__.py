"""C programs that call libc in every odd way: what a server may do to the guest, and what it sees."""
