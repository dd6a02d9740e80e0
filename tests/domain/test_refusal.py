from bot.domain.refusal import UnknownName, nearest


def test_the_nearest_name_is_found_whatever_the_case_and_none_is_invented() -> None:
    assert nearest("ARCHITCET", ["architect", "pynomaly"]) == "architect"
    assert nearest("zzz", ["architect"]) is None


def test_many_known_names_are_not_all_recited() -> None:
    said = str(UnknownName("service", "zzz", [f"service-{number:02}" for number in range(20)]))
    assert "and 8 more" in said
    assert "Did you mean" not in said


def test_no_known_names_at_all_is_said() -> None:
    assert str(UnknownName("service", "zzz", [])) == 'Unknown service "zzz". Known: none.'
