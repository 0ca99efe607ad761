"""The renewal arithmetic of `lastcall plan`, for any real number: how long lives are, and what is renewed.

A connection's life is uniform on [(1-J)L, L]; from a random moment of it on, its rest is shorter. The
manual derives it; the tests hold this file to the command's own output.
"""


def mean_life(longest, jitter):
    return longest * (1 - jitter / 2)


def whole_jitter(requests, jitter):
    """Of a count: only whole requests can be left out."""
    return int(requests * jitter + 1e-9) / requests


def renewed(time, longest, jitter):
    """The share of the connections opened anew by `time` after a random moment."""
    mean = mean_life(longest, jitter)
    if time <= 0:
        return 0.0
    if time >= longest:
        return 1.0
    if time <= (1 - jitter) * longest:
        return time / mean
    return 1 - (longest - time) ** 2 / (2 * jitter * longest * mean)


def unevenness(time, longest, jitter, before, after):
    """The busiest instance over the mean, had every connection its expected place."""
    part = renewed(time, longest, jitter)
    return (1 - part) * after / before + part


def time_to_even(longest, jitter, before, after, even):
    """When that falls to `even`: the inverse of it, by halving."""
    low, high = 0.0, longest
    if after / before <= even:
        return 0.0
    for _ in range(60):
        middle = (low + high) / 2
        if unevenness(middle, longest, jitter, before, after) > even:
            low = middle
        else:
            high = middle
    return high
