"""The SCIM service over HTTP, bytes in, bytes out, without a web framework.

``application`` is the ASGI edge: credential, body limit, error envelope. ``router`` is the table
of endpoints. The endpoints turn a ``ScimRequest`` into calls of use cases and back. Nothing here
knows rules or SQL.
"""
