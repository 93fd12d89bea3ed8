"""What many readings come to, station by station."""


def by_station(found):
    """Return {station: levels}."""
    levels = {}
    for one in found:
        levels.setdefault(one.station, []).append(one.level)
    return levels


def mean(levels):
    """Return the mean, rounded to the nearest whole; a half goes up."""
    return (2 * sum(levels) + len(levels)) // (2 * len(levels))


def highest(levels):
    """Return the highest level."""
    return max(levels)


def lowest(levels):
    """Return the lowest level."""
    return min(levels)


def span(levels):
    """Return how far the levels lie apart."""
    return max(levels) - min(levels)


def count(levels):
    """Return how many readings there are."""
    return len(levels)


def last(levels):
    """Return the last level."""
    return levels[-1]


def first(levels):
    """Return the first level."""
    return levels[0]


def rise(levels):
    """Return how much the level rose."""
    return levels[-1] - levels[0]


def middle(levels):
    """Return the level in the middle."""
    return sorted(levels)[len(levels) // 2]
