"""Mail through a server that speaks SMTP on the loopback, answering as told."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest

from bot.adapters.email import Smtp
from bot.ports.failure import PermanentError, TemporaryError, UncertainError
from bot.ports.mail import Mail

MAIL = Mail(
    to="ana@example.com", subject="P1 INC-1\nAPI down", text="Nobody has acknowledged it.", key="page:1"
)


@dataclass
class MailServer:
    """Keeps the messages it took; `answers` replaces its answer to a verb."""

    answers: dict[str, str] = field(default_factory=dict)
    hang_up_after: str = ""
    messages: list[str] = field(default_factory=list)
    port: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 here\r\n")
        while line := (await reader.readline()).decode().strip():
            verb = line.split()[0].upper()
            if verb == self.hang_up_after:
                break
            answer = self.answers.get(verb, "354 go on" if verb == "DATA" else "250 fine")
            writer.write(f"{answer}\r\n".encode())
            if verb == "QUIT":
                break
            if verb == "DATA" and answer.startswith("354"):
                body = (await reader.readuntil(b"\r\n.\r\n")).decode()
                if self.hang_up_after == "BODY":
                    break
                self.messages.append(body)
                writer.write(f"{self.answers.get('BODY', '250 kept')}\r\n".encode())
        writer.close()
        await writer.wait_closed()


@pytest.fixture
async def there() -> AsyncIterator[MailServer]:
    made = MailServer()
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    async with server:
        yield made


def smtp(server: MailServer) -> Smtp:
    return Smtp(f"smtp://127.0.0.1:{server.port}?from=muster@example.com")


async def test_a_message_arrives_with_a_name_that_tells_a_repeat(there: MailServer) -> None:
    first, second = await smtp(there).send(MAIL), await smtp(there).send(MAIL)
    assert first == second
    message = there.messages[0]
    assert "To: ana@example.com" in message
    assert "From: muster@example.com" in message
    assert "Subject: P1 INC-1 API down" in message
    assert f"Message-ID: {first}" in message
    assert "Nobody has acknowledged it." in message


@pytest.mark.parametrize(
    ("verb", "answer", "expected"),
    [
        ("RCPT", "550 no such mailbox", PermanentError),
        ("RCPT", "452 mailbox full", TemporaryError),
        ("MAIL", "421 too busy", TemporaryError),
        ("DATA", "554 refused", PermanentError),
        ("BODY", "451 try later", TemporaryError),
    ],
)
async def test_four_is_tried_again_and_five_is_final(
    there: MailServer, verb: str, answer: str, expected: type[Exception]
) -> None:
    there.answers[verb] = answer
    with pytest.raises(expected, match=f"The mail server answered {answer.split(maxsplit=1)[0]}"):
        await smtp(there).send(MAIL)


async def test_a_connection_lost_after_the_text_is_uncertain(there: MailServer) -> None:
    there.hang_up_after = "BODY"
    with pytest.raises(UncertainError):
        await smtp(there).send(MAIL)


async def test_nobody_there_is_temporary() -> None:
    with pytest.raises(TemporaryError, match="cannot be reached"):
        await Smtp("smtp://127.0.0.1:9").send(MAIL)


def test_an_address_that_is_none_is_refused_at_the_start() -> None:
    with pytest.raises(ValueError, match="SMTP_URL is smtp://host:port"):
        Smtp("mail.example.com")
