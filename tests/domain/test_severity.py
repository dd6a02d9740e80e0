import pytest

from bot.domain.refusal import UnknownName
from bot.domain.severity import Scheme, Severity

SCHEME = Scheme(
    name="architect",
    severities=(Severity(name="P1", rank=1, aliases=("sev1", "critical")), Severity(name="P2", rank=2)),
    default="P2",
)


@pytest.mark.parametrize("word", ["P1", "p1", "SEV1", "Critical"])
def test_a_severity_is_found_by_name_or_alias_whatever_the_case(word: str) -> None:
    assert SCHEME.find(word).name == "P1"


def test_an_unknown_severity_offers_the_nearest() -> None:
    assert SCHEME.get("P7") is None
    with pytest.raises(UnknownName, match=r'Unknown severity "P7"\. Known: P1, P2\. Did you mean P'):
        SCHEME.find("P7")


def test_the_top_of_a_scheme_is_its_worst() -> None:
    assert SCHEME.top.name == "P1"
