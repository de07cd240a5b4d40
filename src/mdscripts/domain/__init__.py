"""The rules of the practice: values, what makes them valid, and what to tell the administrator.

It knows organizations, sites, users, providers, NPI and DEA numbers, roles, time zones and
credentials. It must not know SCIM, HTTP, SQL or any other I/O. Start with ``profile``, which
judges a whole user; each value it reads has a module of its own.
"""
