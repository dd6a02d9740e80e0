"""Take the pictures of the documentation: the story of one incident, told by the local workspace's own page.

Run from the repository: `python docs/pictures.py`. It needs Chromium, as the browser tests do.
"""

import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

from playwright.sync_api import FloatRect, Locator, Page, ViewportSize, expect, sync_playwright

HERE = Path(__file__).parent
PICTURES = HERE / "pictures"
ARGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
DESKTOP = ViewportSize(width=1440, height=900)
TALL = ViewportSize(width=1280, height=1240)
"""Here a thread takes the middle alone, and a whole run fits into it."""
PHONE = ViewportSize(width=390, height=760)
ACT = 60_000.0
"""Milliseconds an act may take; acts wait for what people see, never for a length of time."""

STILL = "*, *::before, *::after { animation: none !important; transition: none !important; caret-color: transparent !important; }"


def main() -> None:
    """Tell the story once, at a desk with a phone beside it."""
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.exit("The pictures need Chromium: apt-get install chromium")
    PICTURES.mkdir(exist_ok=True)
    expect.set_options(timeout=ACT)
    with (
        tempfile.TemporaryDirectory() as folder,
        workspace(Path(folder) / "state") as url,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGS)
        tell(*(opened(browser.new_page(viewport=size), url) for size in (DESKTOP, PHONE)))
        browser.close()


@contextmanager
def workspace(state: Path) -> Iterator[str]:
    """Run the local workspace on a free port, and stop it with all that it started."""
    command = [sys.executable, "-u", "-m", "bot", "sandbox", "--port", "0", "--state", str(state)]
    process = subprocess.Popen(command, cwd=HERE.parent, stdout=subprocess.PIPE, text=True)  # noqa: S603
    try:
        said = process.stdout.readline() if process.stdout else ""
        yield said.rpartition(" ")[2].strip()
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)
        if process.stdout:
            process.stdout.close()


def opened(page: Page, url: str) -> Page:
    """Open the page without motion and wait until the bot behind it serves."""
    page.set_default_timeout(ACT)
    page.goto(url)
    page.add_style_tag(content=STILL)
    expect(page.get_by_test_id("composer")).to_be_visible()
    return page


def tell(page: Page, phone: Page) -> None:
    """Go through an incident from the alert to the end, taking a picture of each act."""
    expect(page.get_by_test_id("bot-state")).to_contain_text("running")
    become(page, "oncall")
    page.get_by_test_id("service-break").click()
    expect(press(page, "Declare")).to_be_visible()
    expect(page.get_by_test_id("service-state")).to_contain_text("broken")
    save(page, "workspace", FloatRect(x=0, y=0, width=1440, height=560))
    declare(page)
    look(phone)
    page.set_viewport_size(TALL)
    escalate(page)
    run(page)
    finish(page)


def declare(page: Page) -> None:
    """Show the form, then declare from the alert, which is what pages people."""
    page.get_by_test_id("composer").fill("/incident declare")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("modal")).to_be_visible()
    save(page, "form", page.get_by_test_id("modal"))
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("modal")).to_have_count(0)
    page.get_by_test_id("composer").fill("")
    press(page, "Declare").click()
    expect(press(page, "Acknowledge")).to_be_visible()
    expect(page.get_by_test_id("upcoming-row").first).to_be_visible()
    dismiss(page)
    away(page)
    save(page, "card", left(message(page, "Run runbook")))


def look(phone: Page) -> None:
    """See the same card on a phone."""
    become(phone, "manager")
    expect(press(phone, "Acknowledge")).to_be_visible()
    message(phone, "Run runbook").scroll_into_view_if_needed()
    away(phone)
    save(phone, "phone")


def escalate(page: Page) -> None:
    """Let nobody answer: the clock jumps to what is due next, until the manager acknowledges."""
    page.get_by_text("replies").last.click()
    thread = page.get_by_test_id("thread-pane")
    for due in ("not acknowledged after 5 min", "unresolved after 15 min"):
        page.get_by_test_id("clock-skip").click()
        expect(thread).to_contain_text(due)
    save(page, "pages", part(thread, 352))
    become(page, "manager")
    press(page, "Acknowledge").click()
    expect(thread).to_contain_text("acknowledged (15 min after start)")
    dismiss(page)
    page.get_by_role("button", name="Close thread").click()
    away(page)
    save(page, "acknowledged", left(message(page, "Assign role")))


def run(page: Page) -> None:
    """Run the runbook: diagnosis, a refusal, the restart with its confirmation, and recovery."""
    become(page, "oncall")
    press(page, "Run runbook").click()
    press(page, "Run").click()
    dismiss(page)
    page.get_by_text("replies").last.click()
    thread = page.get_by_test_id("thread-pane")
    expect(press(page, "Restart")).to_be_visible()
    expect(thread.get_by_text("architect-api.log.txt")).to_be_visible()
    away(page)
    save(page, "diagnosis", left(message(page, "Restart")))
    become(page, "comms")
    press(page, "Restart").click()
    if page.get_by_test_id("confirm-accept").is_visible():
        page.get_by_test_id("confirm-accept").click()
    refusal = thread.get_by_test_id("message").filter(has_text="You can't").last
    expect(refusal).to_be_visible()
    away(page)
    save(page, "refusal", refusal)
    become(page, "oncall")
    press(page, "Restart").click()
    dialog = page.get_by_role("alertdialog").or_(page.get_by_role("dialog")).last
    expect(page.get_by_test_id("confirm-accept")).to_be_visible()
    save(page, "confirm", dialog)
    page.get_by_test_id("confirm-accept").click()
    expect(thread).to_contain_text("is finished", timeout=2 * ACT)
    away(page)
    save(page, "recovered", left(message(page, "Verify recovery")))
    page.get_by_role("button", name="Close thread").click()


def finish(page: Page) -> None:
    """Post an update and resolve."""
    dismiss(page)
    press(page, "Post update").click()
    expect(page.get_by_test_id("modal")).to_be_visible()
    page.keyboard.type("A restart freed the database connections. The API answers again; we watch it.")
    page.get_by_role("textbox", name="Customers").fill("All of them, for 16 minutes")
    save(page, "update", page.get_by_test_id("modal"))
    page.get_by_test_id("modal-submit").click()
    page.get_by_text("replies").last.click()
    expect(message(page, "A restart freed")).to_be_visible()
    away(page)
    save(page, "updated", left(message(page, "A restart freed")))
    page.get_by_role("button", name="Close thread").click()
    press(page, "Resolve").click()
    page.get_by_test_id("confirm-accept").click()
    expect(press(page, "Reopen")).to_be_visible()
    expect(page.get_by_text("No escalation is pending")).to_be_visible()
    dismiss(page)
    away(page)
    save(page, "resolved", left(message(page, "Reopen")))


def press(page: Page, label: str) -> Locator:
    """Find the latest button with exactly this label."""
    return page.get_by_role("button", name=label, exact=True).last


def message(page: Page, saying: str) -> Locator:
    """Find the latest message that says this."""
    return page.get_by_test_id("message").filter(has_text=saying).last


def become(page: Page, handle: str) -> None:
    """Take somebody's place."""
    chooser = page.get_by_test_id("identity-select")
    option = chooser.locator("option").filter(has_text=f"@{handle}").first
    chooser.select_option(cast("str", option.get_attribute("value")))


def dismiss(page: Page) -> None:
    """Clear away what only this person sees."""
    links = page.get_by_role("button", name="Dismiss message")
    while links.count():
        links.first.click()


def away(page: Page) -> None:
    """Take pointer and focus off the messages, so that nothing is lit up."""
    page.mouse.move(5, 5)
    page.evaluate("document.activeElement?.blur()")


def left(of: Locator, width: float = 760) -> Locator | FloatRect:
    """Give the left part of something wide, where a message's words are, with a margin."""
    of.scroll_into_view_if_needed()
    box = of.bounding_box()
    if box is None:
        return of
    return FloatRect(x=box["x"], y=box["y"], width=min(width, box["width"]), height=box["height"])


def part(of: Locator, height: float) -> Locator | FloatRect:
    """Give the lower part of something tall, so much of it in pixels."""
    box = of.bounding_box()
    if box is None or box["height"] <= height:
        return of
    return FloatRect(x=box["x"], y=box["y"] + box["height"] - height, width=box["width"], height=height)


def save(page: Page, name: str, what: Locator | FloatRect | None = None) -> None:
    """Write one picture; without a part of the page, all of it."""
    path = PICTURES / f"{name}.png"
    if what is None:
        page.screenshot(path=path)
    elif isinstance(what, Locator):
        what.screenshot(path=path)
    else:
        page.screenshot(path=path, clip=what)


if __name__ == "__main__":
    main()
