"""Measuring: instructions, system calls, memory, time. Tests assert only what repeats exactly."""
