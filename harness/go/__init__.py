"""Go: programs in it, how they are built and fetched, and how they are driven to their last response.

Knows compilers, packages and processes. Refuses to know how anything comes to be inside them.
"""
