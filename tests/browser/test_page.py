"""The workspace's page in a real browser, against the real server and a bot that only acks."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from playwright.async_api import Locator, Page, async_playwright, expect

from bot.sandbox.cast import App
from bot.sandbox.server import SandboxServer

pytestmark = pytest.mark.needs("chromium")

CHROMIUM = "/usr/bin/chromium"
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
PICTURES = Path("out/browser")
ON_CALL, MANAGER = "U0ONCALL01", "U0MANAGER1"
DESKTOP, PHONE = (1440, 900), (390, 844)
Json = dict[str, Any]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


CARD: list[Json] = [
    {"type": "header", "text": plain("P1 · INC-1 · API down")},
    {"type": "section", "text": {"type": "mrkdwn", "text": f"*Commander* <@{ON_CALL}>"}},
    {
        "type": "actions",
        "block_id": "acts",
        "elements": [
            {"type": "button", "action_id": "ack", "text": plain("Acknowledge"), "style": "primary"},
            {
                "type": "button",
                "action_id": "restart",
                "text": plain("Rolling restart"),
                "style": "danger",
                "confirm": {
                    "title": plain("Restart architect-api?"),
                    "text": plain("Six pods, one after the other."),
                    "confirm": plain("Restart"),
                    "deny": plain("Keep it"),
                },
            },
        ],
    },
]
SEVERITIES = [{"text": plain(name), "value": name} for name in ("P1", "P2", "P3")]
FORM: Json = {
    "type": "modal",
    "callback_id": "declare",
    "title": plain("Declare an incident"),
    "submit": plain("Declare"),
    "close": plain("Cancel"),
    "blocks": [
        {
            "type": "input",
            "block_id": "title",
            "label": plain("What is broken?"),
            "element": {"type": "plain_text_input", "action_id": "v"},
        },
        {
            "type": "input",
            "block_id": "severity",
            "label": plain("Severity"),
            "element": {"type": "static_select", "action_id": "v", "options": SEVERITIES},
        },
    ],
}


class AckingBot:
    """Takes whatever Slack sends and answers 200 at once."""

    def __init__(self) -> None:
        self.port = 0
        application = web.Application()
        application.router.add_post("/slack/events", self._take)
        self._runner = web.AppRunner(application, access_log=None)

    async def _take(self, _request: web.Request) -> web.Response:
        return web.Response()

    async def start(self) -> None:
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.port = int(self._runner.addresses[0][1])

    async def stop(self) -> None:
        await self._runner.cleanup()


@pytest.fixture
async def server() -> AsyncIterator[SandboxServer]:
    acking = AckingBot()
    await acking.start()
    words = [{"word": "declare", "usage": "[SEVERITY] [TITLE…]", "hint": "Declare an incident"}]
    app = App(
        commands=[{"command": "/incident", "subcommands": words}],
        shortcuts={"global": [{"callback_id": "declare", "name": "Declare an incident"}], "message": []},
    )
    workspace = SandboxServer(app=app, bot_url=f"http://127.0.0.1:{acking.port}/slack/events")
    await workspace.start()
    yield workspace
    await workspace.stop()
    await acking.stop()


@asynccontextmanager
async def opened(
    server: SandboxServer, tmp_path: Path, size: tuple[int, int] = DESKTOP
) -> AsyncIterator[Page]:
    """Open the page in a fresh browser; what the browser complains of fails the test."""
    complaints: list[str] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch_persistent_context(
            tmp_path / "profile",
            executable_path=CHROMIUM,
            args=QUIET,
            viewport={"width": size[0], "height": size[1]},
        )
        page = browser.pages[0]
        page.on(
            "console",
            lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None,
        )
        page.on("pageerror", lambda error: complaints.append(str(error)))
        await page.goto(server.url)
        await expect(page.get_by_test_id("composer")).to_be_visible()
        yield page
        await browser.close()
    assert complaints == []


async def picture(page: Page, name: str) -> None:
    await page.screenshot(path=PICTURES / f"{name}.png")


def incidents(server: SandboxServer) -> str:
    channel = server.workspace.channel_named("incidents")
    assert channel is not None
    return channel.id


def show_card(server: SandboxServer) -> str:
    message = server.workspace.add_message(
        channel=incidents(server), user=server.app.user_id, text="P1 INC-1 API down", blocks=CARD
    )
    return message.ts


async def focused_inside(modal: Locator) -> bool:
    return bool(await modal.evaluate("modal => modal.contains(document.activeElement)"))


async def test_first_visit_is_empty_and_offers_a_tour(server: SandboxServer, tmp_path: Path) -> None:
    async with opened(server, tmp_path) as page:
        await expect(page.get_by_text("Simulated workspace")).to_be_visible()
        await expect(page.get_by_test_id("message")).to_have_count(0)
        await picture(page, "first-visit")
        await page.get_by_test_id("tour-start").click()
        await expect(page.get_by_test_id("tour-break")).to_have_attribute("data-done", "false")
        server.set_panel("service", {"name": "architect-api", "healthy": False})
        await expect(page.get_by_test_id("tour-break")).to_have_attribute("data-done", "true")
        await expect(page.get_by_test_id("service-state")).to_contain_text("broken")


async def test_what_one_person_writes_another_reads_and_answers_in_a_thread(
    server: SandboxServer, tmp_path: Path
) -> None:
    async with opened(server, tmp_path) as page:
        await page.get_by_test_id("composer").fill("the API is slow, @manager")
        await page.keyboard.press("Enter")
        message = page.get_by_test_id("message")
        await expect(message).to_have_attribute("data-user", ON_CALL)
        await expect(message).to_contain_text("@manager")
        await expect(page.get_by_test_id("composer")).to_have_value("")

        await page.get_by_test_id("identity-select").select_option(MANAGER)
        await message.hover()
        await message.get_by_role("button", name="Reply in thread").click()
        await page.get_by_test_id("thread-composer").fill("looking")
        await page.keyboard.press("Enter")
        await expect(page.get_by_test_id("thread-pane").get_by_test_id("message")).to_have_count(2)
        await expect(message.first).to_contain_text("1 reply")
        await page.keyboard.press("Escape")
        await expect(page.get_by_test_id("thread-pane")).to_have_count(0)


async def test_a_slash_command_in_a_thread_is_refused_and_the_text_is_kept(
    server: SandboxServer, tmp_path: Path
) -> None:
    show_card(server)
    async with opened(server, tmp_path) as page:
        card = page.get_by_test_id("message")
        await card.hover()
        await card.get_by_role("button", name="Reply in thread").click()
        composer = page.get_by_test_id("thread-composer")
        await composer.fill("/incident declare P1")
        await page.keyboard.press("Enter")
        await expect(page.get_by_test_id("thread-pane").get_by_role("alert")).to_contain_text("thread")
        await expect(composer).to_have_value("/incident declare P1")


async def test_slash_opens_completion_that_the_keyboard_takes(server: SandboxServer, tmp_path: Path) -> None:
    async with opened(server, tmp_path) as page:
        await page.get_by_test_id("composer").press_sequentially("/inc")
        await expect(page.get_by_role("option", name="/incident")).to_be_visible()
        await page.keyboard.press("Tab")
        await expect(page.get_by_role("option", name="declare")).to_be_visible()
        await picture(page, "completion")
        await page.keyboard.press("Enter")
        await expect(page.get_by_test_id("composer")).to_have_value("/incident declare ")


async def test_a_button_reaches_the_bot_and_its_ack_is_on_the_wire(
    server: SandboxServer, tmp_path: Path
) -> None:
    show_card(server)
    async with opened(server, tmp_path) as page:
        await page.get_by_role("button", name="Acknowledge", exact=True).click()
        row = page.get_by_test_id("wire-row")
        await expect(row).to_have_attribute("data-ok", "true")
        await row.locator("summary").click()
        await expect(row).to_contain_text('"action_id": "ack"')
        await picture(page, "card-and-wire")
        sent = server.seen.sent("block_actions")
        assert [record.request["actions"][0]["action_id"] for record in sent] == ["ack"]


async def test_a_confirm_dialog_stands_before_the_act(server: SandboxServer, tmp_path: Path) -> None:
    show_card(server)
    async with opened(server, tmp_path) as page:
        restart = page.get_by_role("button", name="Rolling restart", exact=True)
        await restart.click()
        await picture(page, "confirm")
        await page.get_by_test_id("confirm-deny").click()
        await expect(restart).to_be_focused()
        assert server.seen.sent("block_actions") == []
        await restart.click()
        await page.get_by_test_id("confirm-accept").click()
        await expect(page.get_by_test_id("wire-row")).to_have_count(1)


async def test_a_form_keeps_the_focus_says_what_is_missing_and_is_sent(
    server: SandboxServer, tmp_path: Path
) -> None:
    async with opened(server, tmp_path) as page:
        server.modals.open(ON_CALL, FORM)
        modal = page.get_by_test_id("modal")
        await expect(modal.get_by_label("What is broken?")).to_be_focused()
        for key in ["Tab"] * 8 + ["Shift+Tab"] * 8:
            await page.keyboard.press(key)
            assert await focused_inside(modal)
        await page.get_by_test_id("modal-submit").click()
        await expect(modal.get_by_role("alert")).to_have_count(2)
        await picture(page, "form-errors")
        await modal.get_by_label("What is broken?").fill("API down")
        await modal.get_by_label("Severity", exact=True).click()
        await page.keyboard.type("P2")
        await page.keyboard.press("Enter")
        await expect(modal.get_by_role("alert")).to_have_count(0)
        await page.get_by_test_id("modal-submit").click()
        await expect(modal).to_have_count(0)
        (submission,) = server.seen.sent("view_submission")
        values = submission.request["view"]["state"]["values"]
        assert values["title"]["v"]["value"] == "API down"
        assert values["severity"]["v"]["selected_option"]["value"] == "P2"


async def test_escape_closes_the_form_for_the_server_too(server: SandboxServer, tmp_path: Path) -> None:
    async with opened(server, tmp_path) as page:
        server.modals.open(ON_CALL, FORM)
        await expect(page.get_by_test_id("modal")).to_be_visible()
        await page.keyboard.press("Escape")
        await expect(page.get_by_test_id("modal")).to_have_count(0)
        assert server.seen.view("oncall") is None


async def test_what_is_only_for_one_is_shown_to_no_other(server: SandboxServer, tmp_path: Path) -> None:
    server.workspace.add_message(
        channel=incidents(server), user=server.app.user_id, text="You may not do that.", ephemeral_for=ON_CALL
    )
    async with opened(server, tmp_path) as page:
        private = page.get_by_test_id("message")
        await expect(private).to_have_attribute("data-ephemeral", "true")
        await expect(private).to_contain_text("Only visible to you")
        await page.get_by_test_id("identity-select").select_option(MANAGER)
        await expect(private).to_have_count(0)
        await page.get_by_test_id("identity-select").select_option(ON_CALL)
        await private.get_by_role("button", name="Dismiss message").click()
        await expect(private).to_have_count(0)


async def test_the_clock_runs_faster_on_request(server: SandboxServer, tmp_path: Path) -> None:
    async with opened(server, tmp_path) as page:
        await page.get_by_test_id("clock-rate-60").click()
        await expect(page.get_by_test_id("clock-rate-60")).to_have_attribute("aria-checked", "true")
        assert server.clock.rate == 60


async def test_markup_is_read_as_slack_reads_it(server: SandboxServer, tmp_path: Path) -> None:
    written = (
        f"*down* since <!date^1763650000^{{date_num}}|2025-11-20 UTC>: <@{MANAGER}> see <https://example.com/a_b|log>"
        " &lt;api&gt; `a*b` snake_case_name <javascript:alert(1)|press>"
    )
    head = {"type": "header", "text": plain("P1 *not bold* &amp; `plain`")}
    server.workspace.add_message(channel=incidents(server), user=server.app.user_id, text=written)
    server.workspace.add_message(channel=incidents(server), user=server.app.user_id, text="P1", blocks=[head])
    async with opened(server, tmp_path) as page:
        message = page.get_by_test_id("message").first
        await expect(message).to_contain_text(
            "down since 2025-11-20: @manager see log <api> a*b snake_case_name press"
        )
        await expect(message.get_by_role("link", name="log")).to_have_attribute(
            "href", "https://example.com/a_b"
        )
        await expect(message.get_by_role("link")).to_have_count(1)
        await expect(page.get_by_role("heading", name="P1 *not bold* & `plain`")).to_be_visible()


async def test_the_app_home_is_asked_for_and_shown(server: SandboxServer, tmp_path: Path) -> None:
    async with opened(server, tmp_path) as page:
        await page.get_by_test_id("app-home").click()
        await expect(page.get_by_test_id("wire-row")).to_have_attribute("data-kind", "event:app_home_opened")
        blocks = [{"type": "section", "text": plain("No open incidents")}, CARD[-1]]
        server.modals.publish(ON_CALL, {"type": "home", "blocks": blocks})
        await expect(page.get_by_role("tabpanel")).to_contain_text("No open incidents")
        await page.get_by_role("button", name="Acknowledge", exact=True).click()
        await expect(page.get_by_test_id("wire-row")).to_have_count(2)
        (pressed,) = server.seen.sent("block_actions")
        assert pressed.request["container"]["type"] == "view"


async def test_a_page_to_somebody_else_is_counted_at_their_name(
    server: SandboxServer, tmp_path: Path
) -> None:
    async with opened(server, tmp_path) as page:
        await expect(page.locator(f"option[value={MANAGER}]")).not_to_contain_text("new")
        direct, _ = server.workspace.direct([MANAGER, server.app.user_id])
        server.workspace.add_message(
            channel=direct.id, user=server.app.user_id, text=f"<@{MANAGER}> P1 INC-1"
        )
        await expect(page.locator(f"option[value={MANAGER}]")).to_contain_text("1 new")
        await page.get_by_test_id("identity-select").select_option(MANAGER)
        await page.get_by_test_id("app-home").click()
        await expect(page.get_by_test_id("message")).to_contain_text("P1 INC-1")


async def test_a_phone_shows_one_column_at_a_time(server: SandboxServer, tmp_path: Path) -> None:
    show_card(server)
    async with opened(server, tmp_path, PHONE) as page:
        await expect(page.get_by_test_id("message")).to_be_visible()
        await expect(page.get_by_test_id("channel-general")).to_be_hidden()
        wide = await page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
        assert not wide
        await picture(page, "phone")
        await page.get_by_test_id("tab-places").click()
        await page.get_by_test_id("channel-general").click()
        await expect(page.get_by_role("heading", name=re.compile("general")).first).to_be_visible()
        await page.get_by_test_id("tab-wire").click()
        await expect(page.get_by_role("heading", name="The wire")).to_be_visible()
        await expect(page.get_by_test_id("composer")).to_be_hidden()


async def test_dark_and_light_are_a_press_away(server: SandboxServer, tmp_path: Path) -> None:
    show_card(server)
    async with opened(server, tmp_path) as page:
        html = page.locator("html")
        await expect(html).to_have_attribute("data-theme", "light")
        await page.get_by_test_id("theme-toggle").click()
        await expect(html).to_have_attribute("data-theme", "dark")
        await picture(page, "dark")
