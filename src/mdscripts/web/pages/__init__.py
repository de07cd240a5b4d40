"""What people see in a browser. Knows use cases, no SQL and no rules."""
