"""Which attributes the identity provider manages (rules D3 and D4).

An attribute is managed once the identity provider has sent it, even empty, for this user. A PUT
that omits a managed attribute resets it; one that omits an attribute that was never sent leaves
the local value alone. Stored as a sorted JSON list of lower-case path keys beside the user.
"""

from functools import lru_cache

import orjson


@lru_cache(maxsize=4096)
def load(text: str) -> frozenset[str]:
    """The managed path keys (``name.givenname``, ``urn:…:user:npi``)."""
    return frozenset(orjson.loads(text))


def dump(managed: frozenset[str]) -> str:
    """The stored form; equal sets give equal text."""
    return orjson.dumps(sorted(managed)).decode()
