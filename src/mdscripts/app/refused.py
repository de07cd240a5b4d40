"""What use cases of people refuse with, beside the rules and SCIM errors."""


class NotFoundHere(Exception):
    """There is no organization, site, token or user of that name; the message says which."""


class NameTaken(Exception):
    """The slug or site number is taken; the message says which."""
