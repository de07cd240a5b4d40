"""The SCIM protocol engine: RFC 7643, RFC 7644 and RFC 9865 as pure functions.

It knows schemas, paths, filters, PATCH, messages, discovery and the tolerated habits of
real clients. It must not know MDScripts, SQL, sockets or asyncio. Start with ``schema``,
then ``paths``, ``filters``, ``resources`` and ``patch``.
"""
