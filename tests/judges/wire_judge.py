"""Watch everything that goes between the bot and the local workspace, and judge it."""

from bot.sandbox.wire import WireRecord, Write
from tests.judges.slack_schema import SchemaViolation, SlackJudge


class WireJudge:
    """An observer of the workspace that collects what Slack would not take or send.

    Register it with `server.observers.append(wire_judge)` and call `settle` when the test is over: an
    observer that raised would only look like a broken workspace to the bot.
    """

    def __init__(self, judge: SlackJudge | None = None) -> None:
        self._judge = judge or SlackJudge()
        self.judged = 0
        self.violations: list[SchemaViolation] = []

    def __call__(self, seen: WireRecord | Write) -> None:
        if not isinstance(seen, WireRecord):
            return  # the same thing is in the record of its call, with its arguments around it
        try:
            self._hear(seen)
        except SchemaViolation as violation:
            self.violations.append(violation)
        self.judged += 1

    def settle(self) -> None:
        """Raise the first violation, with the others in its notes."""
        if self.violations:
            first, *others = self.violations
            for other in others:
                first.add_note(str(other))
            raise first

    def _hear(self, record: WireRecord) -> None:
        match record.kind:
            case "api":
                said = {key: value for key, value in record.request.items() if key != "method"}
                self._judge.check_call(record.label, said)
            case "response_url":
                self._judge.check_call("respond", record.request)
            case "webhook" | "event:url_verification":
                return
            case kind:
                self._judge.check_payload(kind, record.request)
                if record.status == 200:
                    self._judge.check_ack(kind, record.response)
