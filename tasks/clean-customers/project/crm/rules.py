"""What a customer must be like to be accepted."""

import re

from crm.phone import normal

EMAIL = r"[^@\s]+@[^@\s]+\.[^@\s.]+"


class Cleaner:
    """Judges customers one after the other; knows the addresses that it has accepted."""

    def __init__(self, countries):
        self.countries = countries
        self.seen = set()

    def judge(self, customer):
        """Return the cleaned customer and the reason to reject it, None if there is none."""
        email = customer["email"].lower()
        country = self.countries.get(customer["country"])
        postcode = customer["postcode"].upper()
        if not customer["name"]:
            return customer, "name"
        if not re.fullmatch(EMAIL, email):
            return customer, "email"
        if country is None:
            return customer, "country"
        if not re.fullmatch(country["postcode"], postcode):
            return customer, "postcode"
        phone = normal(customer["phone"], country)
        if phone is None:
            return customer, "phone"
        if email in self.seen:
            return customer, "twice"
        self.seen.add(email)
        return {**customer, "email": email, "postcode": postcode, "phone": phone}, None
