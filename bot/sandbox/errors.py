"""Refusals: Slack's answers to the bot, and the page's answers to a person."""

from typing import Any


class SlackError(Exception):
    """The Web API says no; `code` is Slack's own word, `extra` goes into the answer beside it."""

    def __init__(self, code: str, **extra: Any) -> None:
        super().__init__(code)
        self.code = code
        self.extra = extra

    def answer(self) -> dict[str, Any]:
        """Build the body that Slack would answer with."""
        return {"ok": False, "error": self.code, **self.extra}


class ActRefusedError(Exception):
    """A person's act is refused; the text is one sentence what, one sentence what now."""

    def __init__(self, sentence: str, **extra: Any) -> None:
        super().__init__(sentence)
        self.extra = extra
