"""The whole story as a person lives it in the page: broken, declared, paged, refused, mended, told, resolved."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, async_playwright, expect

from tests.acceptance.process import Sandbox, sandbox
from tests.browser.test_page import CHROMIUM, DESKTOP, PHONE, PICTURES, QUIET

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.timeout(240)]
LONG = 60_000


@asynccontextmanager
async def opened(here: Sandbox, profile: Path) -> AsyncIterator[Page]:
    """Open the page in a fresh browser; what the browser complains of fails the test."""
    complaints: list[str] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch_persistent_context(
            profile,
            executable_path=CHROMIUM,
            args=QUIET,
            viewport={"width": DESKTOP[0], "height": DESKTOP[1]},
        )
        page = browser.pages[0]
        page.set_default_timeout(20_000)
        expect.set_options(timeout=20_000)
        page.on(
            "console",
            lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None,
        )
        page.on("pageerror", lambda error: complaints.append(str(error)))
        await page.goto(here.url)
        yield page
        await browser.close()
    assert complaints == []


class Story:
    """One person at a time before the page, with a picture of each act."""

    def __init__(self, page: Page, here: Sandbox) -> None:
        self.page = page
        self._here = here
        self._number = 0

    async def picture(self, name: str) -> None:
        self._number += 1
        await self.page.screenshot(path=PICTURES / f"story-{self._number:02}-{name}.png")

    async def become(self, who: str) -> None:
        await self.page.get_by_test_id("identity-select").select_option(self._here.id(who))

    def said(self, *words: str) -> Locator:
        """Find the messages of the channel that show all these words."""
        found = self.page.get_by_label("Messages in incidents").get_by_test_id("message")
        for word in words:
            found = found.filter(has_text=word)
        return found

    def answered(self, *words: str) -> Locator:
        """Find the messages of the open thread that show all these words."""
        found = self.page.get_by_test_id("thread-pane").get_by_test_id("message")
        for word in words:
            found = found.filter(has_text=word)
        return found

    async def press(self, message: Locator, label: str) -> None:
        await message.get_by_role("button", name=re.compile(f"^{label}")).first.click()

    async def confirm(self, title: str, *, words: str, picture: str) -> None:
        dialog = self.page.get_by_role("alertdialog")
        await expect(dialog).to_contain_text(title)
        await expect(dialog).to_contain_text(words)
        await self.picture(picture)
        await self.page.get_by_test_id("confirm-accept").click()
        await expect(dialog).to_have_count(0)


async def test_the_whole_story_in_the_page(tmp_path: Path) -> None:
    async with sandbox(tmp_path / "state") as here, opened(here, tmp_path / "profile") as page:
        story = Story(page, here)
        await story.become("oncall")
        await page.get_by_test_id("service-break").click()
        await expect(page.get_by_test_id("service-state")).to_contain_text("broken")
        offer = story.said("ApiDown", "is firing")
        await expect(offer).to_be_visible()
        await story.picture("alert")

        await story.press(offer, "Declare")
        card = story.said("P1 · INC-1 · API completely down")
        await expect(card).to_contain_text("nobody yet")
        await expect(card.get_by_role("button")).to_contain_text(
            ["Acknowledge", "Run runbook", "Post update", "Escalate", "Resolve"]
        )
        await card.get_by_role("button", name=re.compile("repl")).click()
        await expect(story.answered("You are on call.")).to_be_visible()
        await expect(story.answered("You are paged as Manager + lead engineer")).to_be_visible()
        await story.picture("declared")

        for words in ("not acknowledged after 5 min", "Director + VP engineering: unresolved after 15 min"):
            await page.get_by_test_id("clock-skip").click()
            await expect(story.answered(words)).to_be_visible()
        await story.picture("escalated")

        await story.become("manager")
        await story.press(card, "Acknowledge")
        await expect(card).to_contain_text("15 min after start")
        await expect(card.get_by_role("button", name="Assign role")).to_be_visible()
        await story.picture("acknowledged")

        await story.become("oncall")
        await story.press(card, "Run runbook")
        picker = story.said("Run a runbook in INC-1")
        await expect(picker).to_contain_text("Only visible to you")
        await story.picture("runbook-picker")
        await story.press(picker, "Run")
        if not await page.get_by_test_id("thread-pane").is_visible():
            await card.get_by_role("button", name=re.compile("repl")).click()
        run = story.answered("Health check")
        await expect(run).to_contain_text("failed · 503")
        await expect(run).to_contain_text("could not get a database connection")
        await expect(run.get_by_role("button", name="Restart")).to_be_visible()
        await expect(run).to_contain_text("Ends process")
        await run.scroll_into_view_if_needed()
        await story.picture("runbook-waits-for-a-choice")

        await story.become("product")
        if not await page.get_by_test_id("thread-pane").is_visible():
            await card.get_by_role("button", name=re.compile("repl")).click()
        await story.press(run, "Restart")
        await page.get_by_test_id("confirm-accept").click()
        refusal = story.answered("You can't", "needs responder")
        await expect(refusal).to_contain_text("Only visible to you")
        await expect(refusal).to_contain_text("@oncall, on call now")
        await refusal.scroll_into_view_if_needed()
        await story.picture("refused")

        await story.become("oncall")
        if not await page.get_by_test_id("thread-pane").is_visible():
            await card.get_by_role("button", name=re.compile("repl")).click()
        await expect(refusal).to_have_count(0)
        await story.press(run, "Restart")
        await story.confirm("Restart architect-api?", words="in production", picture="restart-confirm")
        await expect(run).to_contain_text("Restart architect-api", timeout=LONG)
        await story.picture("verifying")
        await expect(run).to_contain_text(re.compile(r"Health: 503.* → 200"), timeout=LONG)
        await expect(run).to_contain_text("finished", timeout=LONG)
        await expect(page.get_by_test_id("service-state")).to_contain_text("healthy")
        await run.scroll_into_view_if_needed()
        await story.picture("verified")

        await story.press(card, "Post update")
        form = page.get_by_test_id("modal")
        await form.get_by_role("textbox", name="Latest update").fill(
            "Restarted the API; it holds. We watch it for 15 minutes."
        )
        await form.get_by_role("textbox", name="Customers").fill("All dashboard users")
        await form.get_by_role("textbox", name="Expected resolution").fill("30m")
        await story.picture("update-form")
        await page.get_by_test_id("modal-submit").click()
        await expect(form).to_have_count(0)
        await expect(story.answered("Restarted the API; it holds.", "All dashboard users")).to_be_visible()
        await story.picture("updated")

        await story.press(card, "Resolve")
        await story.confirm("Resolve INC-1?", words="pending escalations stop", picture="resolve-confirm")
        await expect(card).to_contain_text("Resolved")
        await expect(card).to_contain_text("Time to acknowledge")
        await expect(card.get_by_role("button", name="Reopen")).to_be_visible()
        await here.coming("INC-1", none=True)
        await story.picture("resolved")

        await page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
        await story.picture("resolved-on-a-phone")
