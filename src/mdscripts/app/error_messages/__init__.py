"""What can be refused or remarked, each with its cause and remedy: the catalogue behind every message.

``rule_entries``, ``protocol_entries`` and ``warning_entries`` are the entries, ``catalogue`` all of
them, ``search`` finds one by a pasted sentence. Start with ``entries``. A test holds every sentence
that the product can say against it.
"""
