"""Go programs, static and dynamic, bare and patched: as before, but that they let go."""
