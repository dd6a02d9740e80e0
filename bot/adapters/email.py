"""Mail by SMTP, each message on a thread of its own with a deadline.

Source: RFC 5321, 4.2.1: a reply of 4yz is a transient failure, 5yz a permanent one.
"""

import asyncio
import smtplib
import ssl
from email.message import EmailMessage
from hashlib import sha256
from urllib.parse import parse_qs, unquote, urlsplit

from bot.ports.failure import PermanentError, TemporaryError, UncertainError
from bot.ports.mail import Mail

_PORTS = {"smtp": 25, "smtps": 465}
_PERMANENT = 500


class Smtp:
    """Send through the server of one address: `smtp://user:password@host:587?from=muster@example.com&tls=1`."""

    def __init__(self, url: str, *, timeout: float = 10.0) -> None:
        parts = urlsplit(url)
        if parts.scheme not in _PORTS or not parts.hostname:
            raise ValueError(
                "SMTP_URL is smtp://host:port or smtps://host:port, with user:password@ if needed"
            )
        options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        self._secure = parts.scheme == "smtps"
        self._start_tls = options.get("tls", "") in {"1", "true", "starttls"}
        self._host, self._port = parts.hostname, parts.port or _PORTS[parts.scheme]
        self._user, self._password = unquote(parts.username or ""), unquote(parts.password or "")
        self._sender = options.get("from", f"muster@{parts.hostname}")
        self._timeout = timeout

    async def send(self, mail: Mail) -> str:
        """Hand a message to the server and give its Message-ID."""
        message = EmailMessage()
        message["From"], message["To"] = self._sender, mail.to
        message["Subject"] = " ".join(mail.subject.split())
        message["Message-ID"] = f"<{sha256(mail.key.encode()).hexdigest()[:32]}@muster>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(mail.text)
        await asyncio.to_thread(self._hand_over, message)
        return str(message["Message-ID"])

    def _hand_over(self, message: EmailMessage) -> None:
        try:
            connection = self._connect()
        except smtplib.SMTPAuthenticationError:
            raise PermanentError("The mail server refused the user or password of SMTP_URL") from None
        except (OSError, smtplib.SMTPException) as error:
            raise TemporaryError(f"The mail server cannot be reached ({type(error).__name__})") from None
        try:
            connection.send_message(message)
        except smtplib.SMTPRecipientsRefused as refused:
            code, said = next(iter(refused.recipients.values()))
            raise _failure(code, said) from None
        except smtplib.SMTPResponseException as refused:
            raise _failure(refused.smtp_code, refused.smtp_error) from None
        except (OSError, smtplib.SMTPException) as error:
            raise UncertainError(f"The mail server did not answer ({type(error).__name__})") from None
        finally:
            connection.close()

    def _connect(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        if self._secure:
            connection: smtplib.SMTP = smtplib.SMTP_SSL(
                self._host, self._port, timeout=self._timeout, context=context
            )
        else:
            connection = smtplib.SMTP(self._host, self._port, timeout=self._timeout)
        try:
            if self._start_tls:
                connection.starttls(context=context)
            if self._user:
                connection.login(self._user, self._password)
        except BaseException:
            connection.close()
            raise
        return connection


def _failure(code: int, said: bytes | str) -> TemporaryError | PermanentError:
    text = said.decode(errors="replace") if isinstance(said, bytes) else said
    sentence = f"The mail server answered {code}: {' '.join(text.split())[:200]}"
    return PermanentError(sentence) if code >= _PERMANENT else TemporaryError(sentence)
