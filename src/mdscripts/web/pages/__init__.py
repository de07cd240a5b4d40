"""What people see in a browser: sign-in, their profile, Admin Home and what it leads to.

Handlers call use cases and render templates; they know no SQL and no rules. Start with ``routes``,
the table of every address and who may use it; ``application`` decides by it, ``visit`` is what a
handler gets, ``templates/macros.html`` what pages are built of.
"""
