"""How a command fails: one sentence on standard error and an exit status that is not 0."""

FAILED = 1
MISUSED = 2
INTERRUPTED = 130


class CommandFailed(Exception):
    """The command could not do what it was asked; the message is the sentence people read."""

    def __init__(self, sentence: str, status: int = FAILED) -> None:
        super().__init__(sentence)
        self.status = status
