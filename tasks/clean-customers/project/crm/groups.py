"""Groups of customers: who belongs to whom."""

from collections import defaultdict


def sizes(parents):
    """Return (customer, members) for each customer without a parent, by customer."""
    below = defaultdict(list)
    for customer, parent in parents.items():
        below[parent if parent in parents else ""].append(customer)

    def members(customer):
        return 1 + sum(members(each) for each in below[customer])

    return [(customer, members(customer)) for customer in sorted(below[""])]
