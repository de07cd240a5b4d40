"""Every request of an identity provider: kept masked, counted, and read by managers.

``log`` gathers beside the answers and stores in batches; ``entries`` makes entries of exchanges and
``masking`` takes the secrets out; ``reading`` and ``observation`` answer the pages. Start with ``log``.
It must not hold up a request, and nothing unmasked may be kept.
"""
