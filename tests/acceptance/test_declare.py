"""Declaring, by every road, and what people are told when they mistype."""

import pytest

from tests.acceptance.world import World, choice, labels, shown


async def test_a_typed_declaration_puts_a_card_into_incidents_and_pages_the_on_call(here: World) -> None:
    await here.types("oncall", "/incident declare P1 API down --service architect")

    card = await here.card(1, "API down", "nobody yet", "Investigating")
    assert labels(card) == ["Acknowledge", "Run runbook", "Post update", "Escalate", "Resolve"]
    assert "INC-1 is declared: P1, API down" in here.told("oncall")
    await here.settled()
    assert len(here.pages(to="oncall")) == 1
    assert "P1 · INC-1 · API down" in shown(await here.card(1))


async def test_without_a_severity_the_default_one_is_meant_and_shown(here: World) -> None:
    await here.types("oncall", "/incident declare search is slow")
    assert "P3, search is slow" in here.told("oncall")


async def test_without_a_title_it_is_untitled_with_a_press_to_name_it(here: World) -> None:
    await here.types("oncall", "/incident declare P1")

    assert "P1, untitled" in here.told("oncall")
    asked = here.slack.seen.ephemerals("oncall")[-1]
    assert labels(asked) == ["Name it"]
    await here.presses("oncall", "Name it", asked)
    assert (await here.submits("oncall", title="Checkout fails"))["ok"]
    await here.card(1, "Checkout fails")


async def test_bare_declare_opens_a_form_that_says_what_sending_it_does(here: World) -> None:
    await here.types("oncall", "/incident declare")

    view = await here.slack.seen.until(lambda: here.slack.seen.view("oncall"))
    assert "On-call engineer at once" in str(view)
    sent = await here.submits("oncall", title="API down", severity=choice("P1"), service=choice("architect"))
    assert sent["ok"]
    await here.card(1, "API down", "P1")


async def test_a_mention_declares_with_the_words_of_the_handbook(here: World) -> None:
    await here.says("oncall", "@muster DECLARE P1 - API DOWN")
    await here.card(1, "P1", "API DOWN")


async def test_an_emergency_pages_everybody_on_call_at_the_top_severity(here: World) -> None:
    await here.says("oncall", "@muster EMERGENCY - PRODUCTION DOWN")
    await here.card(1, "P1", "PRODUCTION DOWN")
    await here.settled()
    assert (await here.incident()).everyone


async def test_from_a_message_the_incident_keeps_the_way_back(here: World) -> None:
    await here.says("product", "checkout has been failing for me since ten")
    message = await here.sees("checkout has been failing")
    acted = {"type": "message_shortcut", "as": here.id("oncall"), "callback_id": "declare_from_message"}
    assert (await here.slack.act(acted | {"channel": message.channel, "ts": message.ts}))["ok"]

    assert (await here.submits("oncall", severity=choice("P2"), service=choice("architect")))["ok"]
    await here.card(1, "P2", "checkout has been failing")
    await here.sees("Declared from this message.", message.ts.replace(".", ""))


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        (
            "/incident declre P1 API down",
            'Unknown subcommand "declre". Did you mean: /incident declare P1 API down',
        ),
        ("/incident declare P7 API down", 'Unknown severity "P7"'),
        ("/incident declare P1 x --service architcet", "Did you mean architect?"),
        ("/incident declare P1 x --servce architect", "Did you mean --service?"),
        ("/incident declare P1 x --service", "--service needs a name"),
        ("/incident ack", "No incident is open"),
        ("/incident ack INC-9", "There is no INC-9"),
        ("/incident status INC-0 resolvd", "There is no INC-0"),
    ],
)
async def test_a_mistake_gets_a_private_sentence_that_says_what_to_do(
    here: World, typed: str, answer: str
) -> None:
    await here.types("oncall", typed)
    assert answer in here.told("oncall")
    assert here.slack.seen.top("incidents") == []


async def test_the_nearest_severity_is_offered(here: World) -> None:
    await here.types("oncall", "/incident declare sev9 API down")
    assert "P1" in here.told("oncall")
    assert "sev9" in here.told("oncall")


@pytest.mark.parametrize(
    "title",
    [
        "<!channel> everything `is` down & <@U0ONCALL000>",
        "*bold* _it_ ~gone~ ```code```",
        "\N{RIGHT-TO-LEFT OVERRIDE}gnp.exe",
        ":fire: :fire:",
        "> quote",
        "a" * 5000,
        "word " * 1000,
    ],
)
async def test_whatever_is_typed_as_a_title_mentions_nobody_and_fits(here: World, title: str) -> None:
    await here.types("oncall", f"/incident declare P3 {title}")

    card = await here.card(1)
    assert len((await here.incident()).title) <= 150
    assert "<!channel>" not in shown(card)
    await here.settled()
    assert all("<!channel>" not in shown(each) for each in here.slack.seen.messages("incidents"))


async def test_a_person_without_rights_is_told_privately_who_may(here: World) -> None:
    await here.types("product", "/incident declare P1 API down")

    assert "You can't declare an incident for architect" in here.told("product")
    assert "needs responder" in here.told("product")
    assert f"<@{here.id('oncall')}>" in here.told("product")
    assert here.slack.seen.top("incidents") == []


async def test_the_same_command_delivered_again_declares_once(here: World) -> None:
    await here.types("oncall", "/incident declare P1 API down")
    await here.card(1)
    again = await here.slack.delivery.repeat()
    assert again is not None
    assert again.ok
    await here.settled()
    assert len(here.slack.seen.top("incidents")) == 1
