"""Fixtures of all tests: a real primary and standby for the session, and databases cloned on them."""

from __future__ import annotations

import asyncio
import gc
import os
from collections.abc import Callable, Iterator
from typing import Any, cast

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
# A person's own keyring is none of the tests' business; test_keyring starts one in processes of its own.
os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.null.Keyring"

import pytest
import qasync
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import getCppPointer

from console.domain.staff import Role
from db.embedded import EmbeddedCluster
from db.greenroom.attach import attach
from db.platforms.scenes import migrate
from db.platforms.scenes.declaration import SCENES
from tests.support.databases import Database, cloned
from tests.support.folders import quick_folder
from tests.support.scheduling import AloneLast, alone, real_time
from tests.support.staff import add_staff


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that run alone come last, also in one process; those in real time may be run once more."""
    items.sort(key=lambda item: alone(item.nodeid))
    for item in items:
        if real_time(item.nodeid) and item.get_closest_marker("flaky") is None:
            item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> AloneLast:
    """With `-n`: files in the order of collection, which has the dear ones first, and the rest alone."""
    config.option.loadscopereorder = False
    return AloneLast(config, log)


def pytest_collection_finish() -> None:
    """Leave modules out of the collections between tests: walking them took longer than most tests."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _garbage_on_the_main_thread() -> Iterator[None]:
    """Collect between tests only: Qt objects must not be freed on the threads that tests start.

    What the test itself left, that is: walking all that is alive, once a module, takes as long as many tests.
    """
    gc.disable()
    before = _windows()
    yield
    # Whoever restyles the application restyles all that it has: what a test leaves costs every one after it.
    for pointer, window in _windows().items():
        if pointer not in before:
            window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect(1)


def _windows() -> dict[int, QWidget]:
    """The widgets that nothing owns, by the address of what Qt has of them."""
    found = QApplication.topLevelWidgets() if QApplication.instance() is not None else []
    return {getCppPointer(each)[0]: each for each in found if each.parent() is None}


@pytest.fixture(autouse=True, scope="module")
def _older_garbage() -> Iterator[None]:
    yield
    gc.collect()


def pytest_asyncio_loop_factories() -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Every async test runs on the loop that the console runs on: asyncio under Qt."""

    def qt_loop() -> asyncio.AbstractEventLoop:
        existing = QApplication.instance()
        application = existing if isinstance(existing, QApplication) else QApplication([])
        application.setQuitOnLastWindowClosed(False)
        return cast("asyncio.AbstractEventLoop", qasync.QEventLoop(application))

    return {"qasync": qt_loop}


@pytest.fixture(scope="session")
def cluster() -> Iterator[EmbeddedCluster]:
    """A primary and a streaming hot standby, destroyed when the tests end."""
    with quick_folder() as folder:
        made = EmbeddedCluster(folder, throwaway=True)
        try:
            with made.lease():
                yield made
        finally:
            made.destroy()


@pytest.fixture(scope="session")
def scenes_template(cluster: EmbeddedCluster) -> Database:
    """The platform `scenes`, migrated and empty."""
    template = Database(cluster, "scenes_template")
    cluster.create_database(template.name)
    with template.engine() as engine, engine.begin() as connection:
        migrate.upgrade(connection)
    return template


@pytest.fixture
def scenes_database(scenes_template: Database) -> Iterator[Database]:
    """A copy of the platform's empty database for one test."""
    with cloned(scenes_template, scenes_template.cluster) as database:
        yield database


@pytest.fixture(scope="session")
def attached_template(cluster: EmbeddedCluster, scenes_template: Database) -> Database:
    """The platform with the console's schema and four members of staff."""
    template = Database(cluster, "attached_template")
    cluster.create_database(template.name, scenes_template.name)
    with template.engine() as engine:
        attach(engine, SCENES)
    for login, role in (
        ("ada", Role.ADMIN),
        ("mia", Role.MODERATOR),
        ("max", Role.MODERATOR),
        ("rey", Role.REVIEWER),
    ):
        add_staff(template, login, role)
    return template


@pytest.fixture
def attached(attached_template: Database) -> Iterator[Database]:
    """A copy of the attached database for one test: logins ada, mia, max and rey."""
    with cloned(attached_template, attached_template.cluster) as database:
        yield database
