"""HTTP: the SCIM service (``web.scim``, bare ASGI) and the pages. Knows no SQL and no rules."""
