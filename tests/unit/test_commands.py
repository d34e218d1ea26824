"""What the commands print and return."""

from __future__ import annotations

from pathlib import Path

import pytest

from console import commands
from console.domain.findings import Finding

GOOD = Finding("Disk", True, "2.0 GB are free")
NOTICE = Finding("Video", True, "VLC is not installed", "Install VLC.")
WRONG = Finding("Python", False, "Python is 3.9", "Use Python 3.11 or later.")


@pytest.mark.parametrize(
    ("findings", "code", "lines"),
    [
        ((GOOD,), 0, ["ok     Disk: 2.0 GB are free"]),
        ((GOOD, NOTICE), 0, ["note   Video: VLC is not installed", "       Install VLC."]),
        ((WRONG,), 1, ["WRONG  Python: Python is 3.9", "       Use Python 3.11 or later."]),
    ],
)
def test_the_doctor_tells_every_finding_and_fails_for_the_wrong_ones(
    findings: tuple[Finding, ...],
    code: int,
    lines: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(commands, "examine_machine", lambda _: findings)
    assert commands.doctor(tmp_path, None) == code
    printed = capsys.readouterr().out.splitlines()
    assert printed[-len(lines) :] == lines
