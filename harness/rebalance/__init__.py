"""The proof of effect: an autoscaler, real servers, a real balancer, with lastcall and without.

`make rebalance` runs the arms side by side, measures them and draws what it saw; simulation.py says
what to expect where one machine ends. Needs Python's standard library and harness/, nothing else.
"""
