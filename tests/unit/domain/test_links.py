"""A link names one item, and what is none is refused."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from console.__main__ import main
from console.domain.errors import ConfigurationError
from console.domain.links import link_to, linked
from console.domain.subjects import Subject

ID = UUID("0b4cc5de-1f2a-4c57-9a3e-3f0c0d0e0f10")


def test_a_link_leads_back_to_its_item() -> None:
    assert link_to(Subject("segment", ID)) == f"greenroom://item/segment/{ID}"
    for subject in (Subject("idea", uuid4()), Subject("user_topic", uuid4())):
        assert linked(f" {link_to(subject)}/\n") == subject


@pytest.mark.parametrize(
    "link",
    [
        "greenroom://item",
        f"greenroom://item/idea/{ID}?x",
        f"https://item/idea/{ID}",
        "greenroom://item/idea/7",
    ],
)
def test_what_is_no_link_is_refused(link: str) -> None:
    with pytest.raises(ConfigurationError, match="no link"):
        linked(link)


def test_the_program_takes_one_link_and_no_command_beside_it(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([f"greenroom://item/idea/{ID}", "doctor"])
    assert ended.value.code == 2
    assert "stands alone" in capsys.readouterr().err
    assert main(["greenroom://item/idea/7"]) == 1
    assert "no link to an item" in capsys.readouterr().err
