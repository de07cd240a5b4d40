"""What a store refuses with: named conflicts, decided by constraints and versions."""

from collections.abc import Sequence


class UserNameTaken(Exception):
    """The unique constraint on (organization, user name) refused the write."""


class StaleVersion(Exception):
    """The record is no longer at the version the change was computed from."""


class NoLongerManager(Exception):
    """Who makes the change has lost the role or the access that it takes."""


class UnknownMember(Exception):
    """A group change names users that do not exist in this organization."""

    def __init__(self, ids: Sequence[str]) -> None:
        super().__init__(", ".join(ids))
        self.ids = tuple(ids)


class AlreadyExists(Exception):
    """A unique name other than a user name is taken: slug, site number, group name."""


class WorkBudgetExceeded(Exception):
    """A filter or sort that no index can narrow would read more records than allowed."""


class StorageUnavailable(Exception):
    """The database did not answer; the same call may succeed later."""
