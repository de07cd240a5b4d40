"""Use cases: one function, one transaction.

This ring joins the protocol engine with the rules of the practice. ``ports`` is what it asks of
the edge, ``mapping`` the only place where SCIM spelling meets the domain. It must not know which
database or which server there is. Start with ``provisioning``; ``activity`` keeps and shows the
requests of identity providers, ``audit`` who changed what, ``error_messages`` what can be refused.
"""
