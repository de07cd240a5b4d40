"""A conformance suite for any SCIM 2.0 service provider, over HTTP only.

One check for each MUST, SHOULD and MAY of RFC 7643, RFC 7644, RFC 9865 and RFC 6750 that can be
observed from outside. Knows the RFCs and nothing of this product: it imports nothing from the other
packages, reads ``/Schemas`` and ``/ResourceTypes`` of the server under test to learn what that has,
and removes what it made there. Start with ``checks`` (what is asked), then ``server`` (how).
"""
