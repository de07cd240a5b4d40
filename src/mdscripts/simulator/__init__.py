"""Okta and Entra ID as black boxes: their call sequences, headers and bodies, over HTTP only.

Knows the wire and an administrator's words for it. Must not know anything of this product: it
imports nothing from the other packages, so that what it proves is proven from outside. Start
with ``scenarios`` (what can be played), then ``okta`` (how one action becomes calls).
"""
