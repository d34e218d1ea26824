"""What the tests of the services share."""

from __future__ import annotations

import pytest

from console.services import decisions


@pytest.fixture(autouse=True)
def _quick_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decisions, "FIRST_RETRY_SECONDS", 0.001)
    monkeypatch.setattr(decisions, "LONGEST_RETRY_SECONDS", 0.001)
