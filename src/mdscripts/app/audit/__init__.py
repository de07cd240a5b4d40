"""Who changed what, in words for people and as files."""
