import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.clock import RATES, SandboxClock


class Wall:
    def __init__(self) -> None:
        self.seconds = 1_800_000_000.0

    def __call__(self) -> float:
        return self.seconds


def test_domain_time_begins_as_the_wall_and_runs_with_it() -> None:
    wall = Wall()
    clock = SandboxClock(real=wall)
    wall.seconds += 7
    assert clock.now() == wall.seconds


def test_at_sixty_times_two_hours_pass_in_two_minutes() -> None:
    wall = Wall()
    clock = SandboxClock(real=wall)
    start = clock.now()
    clock.set_rate(60)
    wall.seconds += 120
    assert clock.now() - start == 7200


def test_a_change_of_rate_is_no_jump() -> None:
    wall = Wall()
    clock = SandboxClock(real=wall)
    start = clock.now()
    clock.set_rate(10)
    wall.seconds += 6
    clock.set_rate(1)
    assert clock.now() - start == 60
    wall.seconds += 5
    assert clock.now() - start == 65


def test_a_skip_goes_forward_only_and_each_change_is_a_new_version() -> None:
    wall = Wall()
    clock = SandboxClock(real=wall)
    clock.skip_to(wall.seconds + 900)
    assert clock.now() == wall.seconds + 900
    assert clock.version == 2
    clock.skip_to(wall.seconds - 900)
    assert clock.now() == wall.seconds + 900
    assert clock.version == 2


def test_the_value_lets_a_reader_compute_the_same_time() -> None:
    wall = Wall()
    clock = SandboxClock(real=wall)
    clock.set_rate(10)
    wall.seconds += 3
    value = clock.value()
    wall.seconds += 4
    computed = value["domain_ms"] + (wall.seconds * 1000 - value["real_ms"]) * value["rate"]
    assert computed == pytest.approx(clock.now() * 1000)


def test_another_rate_is_refused() -> None:
    with pytest.raises(ValueError, match="Use 1, 10 or 60"):
        SandboxClock(real=Wall()).set_rate(7)


@given(st.lists(st.tuples(st.floats(-50, 50), st.sampled_from([*RATES, 0]), st.floats(-100, 5000))))
def test_it_never_goes_back_whatever_the_wall_does(moves: list[tuple[float, int, float]]) -> None:
    wall = Wall()
    clock = SandboxClock(real=wall)
    last = clock.now()
    for moved, rate, skip in moves:
        wall.seconds += moved
        if rate:
            clock.set_rate(rate)
        clock.skip_to(last + skip)
        assert clock.now() >= last
        last = clock.now()


async def test_a_reader_who_waits_hears_of_the_next_change() -> None:
    clock = SandboxClock(real=Wall())
    async with asyncio.TaskGroup() as group:
        waiting = group.create_task(clock.changed_since(1, seconds=5))
        await asyncio.wait([waiting], timeout=0)
        assert not waiting.done()
        clock.set_rate(10)
    assert clock.version == 2


async def test_a_reader_who_is_behind_is_answered_at_once() -> None:
    clock = SandboxClock(real=Wall())
    clock.set_rate(10)
    await clock.changed_since(1, seconds=60)


async def test_a_reader_waits_no_longer_than_it_said() -> None:
    await SandboxClock(real=Wall()).changed_since(1, seconds=0.01)
