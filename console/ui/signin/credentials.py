"""Passwords in the system's keyring, asked in a thread: a locked keyring prompts, and may never answer."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass

import keyring
import keyring.errors

SERVICE = "greenroom"
ANSWER_SECONDS = 8.0
"""Long enough to type an unlocking password, short enough not to look dead."""


@dataclass(frozen=True, slots=True)
class KeyringAnswer:
    """A password, or a sentence on why there is none to be had."""

    password: str | None = None
    problem: str | None = None


async def recall(profile: str, login: str) -> KeyringAnswer:
    """The remembered password of `login` on `profile`."""
    return await _ask(lambda: keyring.get_password(SERVICE, f"{profile}/{login}"))


async def remember(profile: str, login: str, password: str) -> KeyringAnswer:
    """Keep a password; the answer has a problem when it could not be kept."""

    def keep() -> None:
        keyring.set_password(SERVICE, f"{profile}/{login}", password)

    return await _ask(keep)


async def forget(profile: str, login: str) -> KeyringAnswer:
    """Drop a remembered password; one that was never kept is no problem."""

    def drop() -> None:
        try:
            keyring.delete_password(SERVICE, f"{profile}/{login}")
        except keyring.errors.PasswordDeleteError:
            return

    return await _ask(drop)


async def media_secret(entry: str) -> str | None:
    """What the keyring holds for a media server under this name; None for nothing."""
    return (await _ask(lambda: keyring.get_password(SERVICE, f"media/{entry}"))).password


async def _ask(question: Callable[[], str | None]) -> KeyringAnswer:
    answer: Future[str | None] = Future()
    # Running, so that a timeout here cannot cancel it under the thread that sets it later.
    answer.set_running_or_notify_cancel()

    def ask() -> None:
        try:
            answer.set_result(question())
        except Exception as error:  # noqa: BLE001 - carried to the loop, which tells the kinds apart
            answer.set_exception(error)

    # A daemon: the loop's own threads are waited for on closing, a prompt may never be answered.
    threading.Thread(target=ask, name="keyring", daemon=True).start()
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            found = await asyncio.wrap_future(answer)
    except (TimeoutError, keyring.errors.KeyringLocked):  # not answered, or the prompt was turned down
        return KeyringAnswer(problem="The keyring is locked or does not answer; type the password.")
    except keyring.errors.NoKeyringError:
        return KeyringAnswer(problem="This system has no keyring; the password is not remembered.")
    except Exception as error:  # noqa: BLE001 - backends also raise what their bus or system raises
        return KeyringAnswer(problem=f"The keyring refused: {str(error) or type(error).__name__}")
    return KeyringAnswer(password=found)
