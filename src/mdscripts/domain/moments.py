"""Times as text: UTC, always ``YYYY-MM-DDTHH:MM:SS.mmmZ``, so that they sort as they follow each other."""

from datetime import UTC, datetime, timedelta


def moment_text(moment: datetime) -> str:
    """A time with a zone as it is stored."""
    return f"{moment.astimezone(UTC).isoformat(timespec='milliseconds')[:-6]}Z"


def shifted(moment: str, by: timedelta) -> str:
    """A stored time later by so much, earlier if that is negative."""
    return moment_text(datetime.fromisoformat(moment) + by)


def hour_text(moment: datetime) -> str:
    """The hour of a time as statistics are kept by: ``YYYY-MM-DDTHH``."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H")
