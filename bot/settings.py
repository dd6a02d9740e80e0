"""Environment and secrets, read once by the composition root; nothing here is ever logged."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from bot import actions, channels
from bot.config.load import load, load_again
from bot.config.model import Configuration, Membership
from bot.config.problem import Problem
from bot.domain.refusal import Refusal

PAGERDUTY_EVENTS = "https://events.pagerduty.com/v2/enqueue"
STATUSPAGE = "https://api.statuspage.io"

EDIT_EVERY = 3.0
"""Real seconds between two edits of one message."""


class SettingMissing(Refusal):
    """Refuse to start without a variable, saying where its value comes from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the environment says; defaults are those of the documented contract."""

    bot_token: str = field(repr=False)
    signing_secret: str = field(repr=False, default="")
    app_token: str = field(repr=False, default="")
    slack_api_url: str = "https://slack.com/api/"
    database_url: str = field(repr=False, default="sqlite:///muster.db")
    host: str = "0.0.0.0"  # noqa: S104 - a Procfile's router reaches the process from outside
    port: int = 3000
    admin: str = ""
    webhook_token: str = field(repr=False, default="")
    clock_url: str = ""
    pagerduty_events_url: str = PAGERDUTY_EVENTS
    pagerduty_routing_key: str = field(repr=False, default="")
    smtp_url: str = field(repr=False, default="")
    webhook_out_url: str = field(repr=False, default="")
    webhook_out_secret: str = field(repr=False, default="")
    statuspage_url: str = STATUSPAGE
    statuspage_page: str = ""
    statuspage_key: str = field(repr=False, default="")
    edit_every: float = EDIT_EVERY
    config: Path = Path("config")
    runbooks: Path = Path("runbooks")
    env: Mapping[str, str] = field(repr=False, default_factory=dict)

    @property
    def socket_mode(self) -> bool:
        """Tell whether Slack is reached by Socket Mode."""
        return bool(self.app_token)


def database_url(env: Mapping[str, str]) -> str:
    """Give the store's address; Heroku's `postgres://` is read as psycopg's."""
    url = env.get("DATABASE_URL", "") or "sqlite:///muster.db"
    for old in ("postgres://", "postgresql://"):
        if url.startswith(old):
            return "postgresql+psycopg://" + url.removeprefix(old)
    return url


def read(env: Mapping[str, str], *, config: Path, runbooks: Path) -> Settings:
    """Read the environment for `serve`.

    Raises:
        SettingMissing: a required variable is absent; the sentence says where to find its value.
    """
    token = env.get("SLACK_BOT_TOKEN", "")
    if not token:
        raise SettingMissing(
            "SLACK_BOT_TOKEN is not set. It is the Bot User OAuth Token of the Slack app (xoxb-…)."
        )
    signing, app = env.get("SLACK_SIGNING_SECRET", ""), env.get("SLACK_APP_TOKEN", "")
    if not signing and not app:
        raise SettingMissing(
            "Set SLACK_SIGNING_SECRET (HTTP mode: Basic Information of the app) or SLACK_APP_TOKEN (Socket Mode: xapp-…)."
        )
    port = env.get("PORT", "") or "3000"
    if not port.isascii() or not port.isdigit() or not 0 < int(port) < 65536:
        raise SettingMissing(f'PORT is "{port}". Give a port number from 1 to 65535.')
    api = env.get("SLACK_API_URL", "") or "https://slack.com/api/"
    return Settings(
        bot_token=token,
        signing_secret=signing,
        app_token=app,
        slack_api_url=api if api.endswith("/") else api + "/",
        database_url=database_url(env),
        host=env.get("HOST", "") or "0.0.0.0",  # noqa: S104 - as above
        port=int(port),
        admin=env.get("MUSTER_ADMIN", ""),
        webhook_token=env.get("MUSTER_WEBHOOK_TOKEN", ""),
        clock_url=env.get("MUSTER_CLOCK_URL", ""),
        pagerduty_events_url=env.get("PAGERDUTY_EVENTS_URL", "") or PAGERDUTY_EVENTS,
        pagerduty_routing_key=env.get("PAGERDUTY_ROUTING_KEY", ""),
        smtp_url=env.get("SMTP_URL", ""),
        statuspage_url=env.get("STATUSPAGE_API_URL", "") or STATUSPAGE,
        statuspage_page=env.get("STATUSPAGE_PAGE_ID", ""),
        statuspage_key=env.get("STATUSPAGE_API_KEY", ""),
        webhook_out_url=env.get("MUSTER_WEBHOOK_OUT_URL", ""),
        webhook_out_secret=_out_secret(env),
        config=config,
        runbooks=runbooks,
        env=env,
    )


def _out_secret(env: Mapping[str, str]) -> str:
    secret = env.get("MUSTER_WEBHOOK_OUT_SECRET", "")
    if env.get("MUSTER_WEBHOOK_OUT_URL", "") and not secret:
        raise SettingMissing(
            "MUSTER_WEBHOOK_OUT_URL is set without MUSTER_WEBHOOK_OUT_SECRET, by which notifications are signed."
        )
    return secret


def configured(settings: Settings) -> Configuration:
    """Load the configuration with `MUSTER_ADMIN` as an admin.

    Raises:
        ConfigError: with every problem of every file.
    """
    config = load(
        settings.config,
        settings.runbooks,
        settings.env,
        actions=actions.registry(),
        channels=channels.registry(),
    )
    return _administered(settings, config)


def reconfigured(settings: Settings, previous: Configuration) -> tuple[Configuration, tuple[Problem, ...]]:
    """Load the configuration anew while serving, with the last good version of what is broken, and its problems."""
    fresh, problems = load_again(
        settings.config,
        settings.runbooks,
        settings.env,
        actions=actions.registry(),
        channels=channels.registry(),
        previous=previous,
    )
    return (previous if fresh is previous else _administered(settings, fresh)), problems


def _administered(settings: Settings, config: Configuration) -> Configuration:
    if not settings.admin:
        return config
    admin = Membership(role="admin", holder=f"slack:{settings.admin}")
    return replace(config, memberships=(*config.memberships, admin))
