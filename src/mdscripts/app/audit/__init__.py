"""Who changed what: the facts that change sets carry, as people read them.

``entries`` finds them, ``words`` says what they mean, ``export`` writes them to files. Start with
``entries``. The facts themselves are made by ``call.Scribe`` and stored with the change they tell of.
"""
