"""What the tests share: clients, processes, messages, laws, and what is measured of a process.

Knows nothing of a single test.
"""
