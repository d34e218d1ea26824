"""A password is left nowhere: no log, argument, environment, file, notice, crash report or statement."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import traceback
from pathlib import Path
from uuid import uuid4

import pytest
from PySide6.QtCore import Qt

from console.domain.errors import GreenroomError
from console.domain.subjects import Subject
from console.runtime.notices import Notice
from console.ui.keyboard import press, type_text
from tests.support.databases import Database
from tests.support.waiting import until
from tests.support.wire import wire_to
from tests.ui.test_desk import CONTROL, decided, moderator


def of_the_process() -> list[str]:
    """What anybody may see of this process, and what its children inherit."""
    child = subprocess.run(
        [sys.executable, "-c", "import os; print(dict(os.environ))"],
        check=True,
        capture_output=True,
        text=True,
    )
    places = [Path("/proc/self") / name for name in ("cmdline", "environ")]
    seen = [place.read_bytes().decode(errors="replace") for place in places if place.exists()]
    return [child.stdout, repr(sys.argv), repr(dict(os.environ)), *seen]


def files_of(folder: Path) -> list[str]:
    return [path.read_bytes().decode(errors="replace") for path in folder.rglob("*") if path.is_file()]


async def test_the_password_is_left_nowhere(
    attached: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    secret = attached.passwords["mia"]
    caplog.set_level(logging.DEBUG)
    shown: list[str] = []

    def keep(notice: Notice) -> None:
        shown.extend((notice.title, notice.text, notice.kept, notice.remedy, notice.details))

    with wire_to(attached.primary) as line:
        async with moderator(attached, tmp_path, line.conninfo) as session:
            session.notices.posted.connect(keep)
            await press(Qt.Key.Key_H)
            await until(lambda: session.desk.asking)
            await type_text("1")
            await type_text("a note")
            await press(Qt.Key.Key_Return)
            await decided(session, 1)
            await press(Qt.Key.Key_F, CONTROL)
            await type_text("harbour")
            await press(Qt.Key.Key_Escape)
            # What a crash report would hold of everything that knows the password.
            shown.append(repr(session))
            shown.append(repr([vars(each) for each in (session.data.servers, session.data.servers._primary)]))
            line.cut()
            with pytest.raises(GreenroomError) as caught:
                await session.data.writer.claim(Subject("idea", uuid4()))
            shown.append("".join(traceback.format_exception(caught.value)))
            await until(lambda: any("primary is out of reach" in each for each in shown))
            line.mend()
            with attached.connect() as c:
                for row in c.execute("SELECT query, application_name FROM pg_stat_activity").fetchall():
                    shown.extend(map(str, row))
    shown += [caplog.text, *of_the_process(), *files_of(tmp_path)]
    assert "a note" in "".join(shown)  # it is looked for where things are kept
    assert not [each for each in shown if secret in each]
