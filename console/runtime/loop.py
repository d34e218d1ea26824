"""asyncio and Qt as one loop."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Coroutine
from typing import Any, Final, cast

import qasync
from PySide6.QtWidgets import QApplication

from console.runtime.garbage import GarbageCollection

SWITCH_SECONDS: Final = 0.001
"""How long a thread that computes may keep the GUI thread waiting."""


def run(
    application: QApplication,
    main: Callable[[], Coroutine[Any, Any, int]],
    failed: Callable[[str, BaseException], None],
) -> int:
    """Run `main` on the application's loop until it returns, and return what it returned.

    `failed` is told of errors that no task carries (callbacks, transports).
    """
    # psycopg cannot work on Windows' proactor loop.
    kind = qasync.QSelectorEventLoop if sys.platform == "win32" else qasync.QEventLoop
    application.setQuitOnLastWindowClosed(False)
    loop = cast("asyncio.AbstractEventLoop", kind(application, already_running=False))
    asyncio.set_event_loop(loop)

    def report(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception") or RuntimeError(context["message"])
        failed(str(context["message"]), error)

    loop.set_exception_handler(report)
    # While a thread computes, each turn of this one would wait the default 5 ms for it.
    sys.setswitchinterval(SWITCH_SECONDS)
    garbage = GarbageCollection()
    try:
        return loop.run_until_complete(main())
    finally:
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()
        asyncio.set_event_loop(None)
        garbage.stop()
