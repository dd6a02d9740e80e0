from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.alerts import Alert, AlertGroup, Notification, absorb, fits

START = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)


def group() -> AlertGroup:
    return AlertGroup(
        key="k",
        name="ApiDown",
        title="API down",
        service="architect",
        severity="P1",
        channel="incidents",
        since=START,
    )


def told(fingerprint: str = "a", *, firing: bool = True, minutes: int = 0) -> Notification:
    alert = Alert(
        name="ApiDown", fingerprint=fingerprint, starts_at=START + timedelta(minutes=minutes), firing=firing
    )
    return Notification(group="g", source="alertmanager", alerts=(alert,))


def test_patterns_fit_labels_and_an_absent_label_is_empty() -> None:
    assert fits({}, {"alertname": "ApiDown"})
    assert fits({"alertname": "Api*"}, {"alertname": "ApiDown"})
    assert not fits({"alertname": "Api*", "job": "?*"}, {"alertname": "ApiDown"})


def test_the_same_notification_again_changes_nothing() -> None:
    once = absorb(group(), told())
    assert once.firing
    assert absorb(once, told()) is once


def test_a_stopped_alert_told_late_does_not_fire_again() -> None:
    stopped = absorb(absorb(group(), told()), told(firing=False))
    assert not stopped.firing
    assert absorb(stopped, told()) is stopped


def test_firing_again_after_all_had_stopped_is_a_new_episode() -> None:
    stopped = absorb(absorb(group(), told()), told(firing=False))
    again = absorb(stopped, told(minutes=30))
    assert (again.episode, again.incident, again.message) == (2, None, None)
    assert again.firing
    assert again.since == START + timedelta(minutes=30)


def test_another_alert_of_the_group_joins_the_same_episode() -> None:
    both = absorb(absorb(group(), told("a")), told("b", minutes=5))
    assert both.episode == 1
    assert sum(both.seen.values()) == 2


@given(st.lists(st.tuples(st.sampled_from("abc"), st.booleans(), st.integers(0, 3))))
def test_whatever_order_and_however_often_they_come_a_redelivery_is_harmless(
    story: list[tuple[str, bool, int]],
) -> None:
    now = group()
    for fingerprint, firing, minutes in story:
        now = absorb(now, told(fingerprint, firing=firing, minutes=minutes))
        assert absorb(now, told(fingerprint, firing=firing, minutes=minutes)) == now
