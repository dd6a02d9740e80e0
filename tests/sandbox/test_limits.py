from bot.sandbox.limits import POSTING, TIERS, RateLimits
from tests.sandbox.conftest import Monotonic


def test_a_channel_takes_a_small_burst_then_one_post_a_second(monotonic: Monotonic) -> None:
    limits = RateLimits(monotonic=monotonic, on=True)
    burst = [limits.retry_after("chat.postMessage", "C1", POSTING) for _ in range(6)]
    assert burst == [None, None, None, None, None, 1]
    assert limits.retry_after("chat.postMessage", "C2", POSTING) is None
    monotonic.forward(1)
    assert limits.retry_after("chat.postMessage", "C1", POSTING) is None
    assert limits.retry_after("chat.postMessage", "C1", POSTING) == 1


def test_updates_are_fifty_a_minute_over_all_channels(monotonic: Monotonic) -> None:
    limits = RateLimits(monotonic=monotonic, on=True)
    answers = [limits.retry_after("chat.update", f"C{number}", TIERS[3]) for number in range(51)]
    assert answers[:50] == [None] * 50
    assert answers[50] == 2


def test_the_second_tier_is_twenty_a_minute_and_fills_again(monotonic: Monotonic) -> None:
    limits = RateLimits(monotonic=monotonic, on=True)
    for _ in range(20):
        assert limits.retry_after("pins.add", "C1", TIERS[2]) is None
    assert limits.retry_after("pins.add", "C1", TIERS[2]) == 3
    monotonic.forward(60)
    assert [limits.retry_after("pins.add", "C1", TIERS[2]) for _ in range(20)] == [None] * 20


def test_waiting_as_long_as_told_is_enough(monotonic: Monotonic) -> None:
    limits = RateLimits(monotonic=monotonic, on=True)
    for _ in range(200):
        wait = limits.retry_after("pins.add", "C1", TIERS[2])
        if wait is not None:
            monotonic.forward(wait)
            assert limits.retry_after("pins.add", "C1", TIERS[2]) is None


def test_switched_off_there_is_no_limit(monotonic: Monotonic) -> None:
    limits = RateLimits(monotonic=monotonic, on=False)
    assert {limits.retry_after("pins.add", "C1", TIERS[2]) for _ in range(99)} == {None}
