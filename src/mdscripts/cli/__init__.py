"""The command line ``mdscripts``: what operators and scripts call.

It reads settings, has ``bootstrap`` build the system, calls one use case and prints its result. It
must not know SQL, SCIM messages or the rules of the practice. Start with ``application``.
"""

from mdscripts.cli.application import main

__all__ = ["main"]
