"""How an outside party fails; the class decides whether the relay tries again."""


class TemporaryError(Exception):
    """Try again later; `after` is how many seconds the other side asked for, if it did."""

    def __init__(self, reason: str, *, after: float | None = None) -> None:
        super().__init__(reason)
        self.after = after


class UncertainError(TemporaryError):
    """It may have happened (the connection dropped after sending): look before trying again."""


class PermanentError(Exception):
    """Trying again cannot help; the sentence says what a person can do."""
