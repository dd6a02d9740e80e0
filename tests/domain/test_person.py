from bot.domain.person import Audience


def test_an_audience_is_reached_by_any_of_its_roads_or_by_none() -> None:
    assert not Audience().anywhere
    for reached in (
        Audience(channels=("a",)),
        Audience(people=("b",)),
        Audience(mail=("c",)),
        Audience(status_page=True),
    ):
        assert reached.anywhere
