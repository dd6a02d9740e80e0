"""Whatever people type, in every field: nothing breaks out, nobody is mentioned, nothing typed is lost in silence."""

import pytest

from tests.acceptance.world import World, shown, ticked

WORDS = [
    "x" * 5000,
    "\N{RIGHT-TO-LEFT OVERRIDE}gnp.exe",
    ":fire: :fire: :fire:",
    "<!channel> <@U0MANAGER00> <!here> @everyone",
    "> quoted\n> again",
    "```\nrm -rf /\n```",
    "*bold* _it_ ~gone~ `code` <https://evil.example.com|status>",
]


@pytest.mark.parametrize("words", WORDS, ids=lambda words: words[:12])
async def test_hostile_words_in_every_field_stay_words(here: World, words: str) -> None:
    await here.types("oncall", "/incident declare P3 API down")
    await here.card(1)
    await here.settled()
    before = len(here.direct("manager"))
    for typed in ("note", "update", "rename", "status identified", "severity P2", "escalate"):
        await here.types("oncall", f"/incident {typed} {words}")
        await here.settled()
    await here.types("oncall", "/incident update")
    sent = await here.submits(
        "oncall",
        latest=words[:2000],
        affected=words[:300],
        customers=words[:200],
        eta=words[:100],
        audiences=ticked("responders", "company", "executives", "customers"),
    )
    assert sent["ok"], sent
    for typed in ("catchup all", "timeline", f"follow {words}", f"catchup {words}", f"assign {words}"):
        await here.types("oncall", f"/incident {typed}")
    await here.types("oncall", f"/incident resolve {words}")
    await here.settled()
    everything = [
        *(each for name in ("incidents", "announcements") for each in here.slack.seen.messages(name)),
        *here.slack.seen.ephemerals("oncall"),
        *here.direct("director"),
    ]
    said = "\n".join(shown(each) for each in everything if each.user == here.slack.app.user_id)
    assert "<!channel>" not in said
    assert "<!here>" not in said
    assert "<https://evil.example.com|" not in said
    assert "Something went wrong" not in said
    assert len(here.direct("manager")) == before
    async with here.http.get(f"{here.muster.url}/status") as answer:
        assert answer.status == 200
        assert "<!channel>" not in await answer.text()


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("note", "A note needs some text"),
        ("assign commander @nobody-here", 'Unknown person "nobody-here"'),
        ("assign boss @manager", 'Unknown role "boss"'),
        ("note edit", "Name the note by its number"),
        ("catchup sometime", "is not a time"),
        ("follow", "You follow nothing"),
        ("unfollow", "You follow nothing"),
        ("handover commander", ""),
    ],
)
async def test_what_is_missing_or_unknown_is_asked_for(here: World, typed: str, answer: str) -> None:
    await here.types("oncall", "/incident declare P3 API down")
    await here.card(1)
    await here.types("oncall", f"/incident {typed}")
    if answer:
        assert answer in here.told("oncall")
    else:
        assert here.slack.seen.view("oncall") is not None
