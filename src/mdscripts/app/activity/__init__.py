"""Every request of an identity provider: kept masked, counted, and read by managers."""
