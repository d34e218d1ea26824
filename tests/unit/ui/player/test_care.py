"""Care is wanted until it is switched off, and that is remembered for one profile."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QSettings

from console.domain.media import FULL_CARE, NO_CARE, Care
from console.ui.player.care import TITLES, CareSettings


def settings(folder: Path) -> QSettings:
    return QSettings(str(folder / "settings.ini"), QSettings.Format.IniFormat)


def test_all_care_is_wanted_at_first_and_none_where_none_is_asked_for(tmp_path: Path) -> None:
    care = CareSettings(settings(tmp_path), "production")
    assert all(care.value(name) for name in TITLES)
    assert care.of(FULL_CARE) == FULL_CARE
    assert care.of(NO_CARE) == NO_CARE
    assert care.of(Care(blur=False)) == Care(blur=False)


@pytest.mark.parametrize("name", TITLES)
def test_what_is_switched_off_stays_off_for_this_profile_alone(tmp_path: Path, name: str) -> None:
    kept = settings(tmp_path)
    care = CareSettings(kept, "production")
    changes: list[bool] = []
    care.changed.connect(lambda: changes.append(care.value(name)))
    care.set_value(name, on=False)
    assert changes == [False]
    assert care.of(FULL_CARE) == Care(**{each: each != name for each in TITLES})
    kept.sync()
    again = CareSettings(settings(tmp_path), "production")
    assert [each for each in TITLES if not again.value(each)] == [name]
    assert CareSettings(settings(tmp_path), "staging").of(FULL_CARE) == FULL_CARE
    again.set_value(name, on=True)
    assert again.of(FULL_CARE) == FULL_CARE
