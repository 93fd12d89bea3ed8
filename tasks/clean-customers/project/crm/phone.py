"""Phone numbers."""


def normal(phone, country):
    """Return a phone number as README.md has it; None if it cannot be one."""
    return phone
