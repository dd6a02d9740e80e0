from bot.domain.effects import Parcel, Priority, ShowCard


def test_order_is_kept_per_destination_and_incident() -> None:
    effect = ShowCard(incident=3)
    parcel = Parcel(key="k", effect=effect, destination="incidents", incident=3, priority=Priority.STATUS)
    assert parcel.lane == "incidents|3"
    lone = Parcel(key="k", effect=effect, destination="incidents", incident=None, priority=Priority.STATUS)
    assert lone.lane == "incidents|0"
