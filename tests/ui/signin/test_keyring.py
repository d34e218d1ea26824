"""Signing in beside a keyring that is slow, locked, or knows an older wish."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import keyring
import keyring.errors
import pytest

from console.bootstrap import Session, application, sign_in
from console.config import Directories, Profile
from console.ui.signin.window import SignInWindow
from console.ui.theme.theme import Choice
from tests.support.databases import Database
from tests.support.waiting import until


@dataclass
class Ring:
    """A keyring that answers when it is opened, or is locked for good."""

    kept: dict[str, str] = field(default_factory=dict)
    opened: threading.Event = field(default_factory=threading.Event)
    locked: bool = False
    asked: list[str] = field(default_factory=list)

    def answer(self, what: str) -> None:
        self.asked.append(what)
        self.opened.wait(30)
        if self.locked:
            raise keyring.errors.KeyringLocked


@pytest.fixture
def ring(monkeypatch: pytest.MonkeyPatch) -> Iterator[Ring]:
    made = Ring()

    def recall(_: str, name: str) -> str | None:
        made.answer(f"recall {name}")
        return made.kept.get(name)

    def remember(_: str, name: str, password: str) -> None:
        made.answer(f"remember {name}")
        made.kept[name] = password

    def forget(_: str, name: str) -> None:
        made.answer(f"forget {name}")
        made.kept.pop(name)

    monkeypatch.setattr(keyring, "get_password", recall)
    monkeypatch.setattr(keyring, "set_password", remember)
    monkeypatch.setattr(keyring, "delete_password", forget)
    yield made
    made.opened.set()


def begin(database: Database, folder: Path) -> tuple[SignInWindow, asyncio.Task[Session | None]]:
    profile = Profile("test", "Test", "scenes", database.primary, (database.replica,), login="mia")
    app = application(Directories.of_user(folder), Choice.LIGHT)
    window = SignInWindow(app.theme, [profile])
    return window, asyncio.create_task(sign_in(app, window))


def submit(window: SignInWindow, *, remember: bool) -> None:
    window._remember.setChecked(remember)
    window._submit()


async def test_a_locked_keyring_is_told_and_holds_nobody_up(
    attached: Database, tmp_path: Path, ring: Ring
) -> None:
    window, signing = begin(attached, tmp_path)
    await until(lambda: ring.asked == ["recall test/mia"])
    ring.locked = True
    ring.opened.set()
    await until(lambda: window.keyring_note.startswith("The keyring is locked"))
    ring.opened.clear()
    window.password.setText(attached.passwords["mia"])
    submit(window, remember=True)
    async with asyncio.timeout(20):
        session = await signing
    assert session is not None
    said: list[str] = []
    session.notices.posted.connect(lambda notice: said.append(notice.text))
    # Signed in while the keyring still thinks about it.
    await until(lambda: ring.asked[-1] == "remember test/mia")
    assert said == []
    ring.opened.set()
    await until(lambda: any("keyring is locked" in each for each in said))
    await session.close()


async def test_a_wish_not_to_be_remembered_is_kept(attached: Database, tmp_path: Path, ring: Ring) -> None:
    ring.kept["test/mia"] = attached.passwords["mia"]
    ring.opened.set()
    window, signing = begin(attached, tmp_path)
    await until(lambda: bool(window.password.text()))
    submit(window, remember=False)
    async with asyncio.timeout(20):
        session = await signing
    assert session is not None
    await until(lambda: ring.kept == {})
    await session.close()


async def test_an_answer_for_another_login_fills_nothing_in(
    attached: Database, tmp_path: Path, ring: Ring
) -> None:
    ring.kept["test/mia"] = "mias"
    window, signing = begin(attached, tmp_path)
    await until(lambda: ring.asked == ["recall test/mia"])
    window.login.setText("max")
    window.login.editingFinished.emit()
    await until(lambda: ring.asked[-1] == "recall test/max")
    ring.opened.set()
    # The answer for max comes after the one for mia.
    await asyncio.sleep(0.3)
    assert window.password.text() == ""
    window.close()
    assert await signing is None
