"""What any load says of itself, and how its own part of the processors is told from the rest."""

import resource
from dataclasses import dataclass

PATIENCE = 30  # seconds that a load may take longer than it was to


@dataclass
class Said:
    requests: int
    seconds: float
    p50: float  # microseconds
    errors: int
    processor: float  # seconds that the load itself used


def used_by_children():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
