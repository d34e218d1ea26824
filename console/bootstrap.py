"""Puts the house together: the only module that knows both the screens and the database."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from console.bible.schema import bible_schema
from console.commands import platform_reads, profile_list
from console.config import Directories, Profile
from console.data_layer import DataLayer
from console.domain.errors import GreenroomError
from console.domain.links import linked
from console.domain.media import FULL_CARE, NO_CARE
from console.domain.queues import Count
from console.domain.staff import Person, Role
from console.domain.subjects import Subject
from console.media_layer import MediaLayer
from console.runtime.bus import ChangeBus
from console.runtime.loop import run
from console.runtime.notices import Level, Notice, Notices
from console.runtime.tasks import Tasks
from console.services.decisions import Tally
from console.ui.bible.editor import BibleEditor
from console.ui.bible.presenter import KEY as BIBLES
from console.ui.bible.presenter import Bibles, BibleServices
from console.ui.bible.workspace import Workspace
from console.ui.curation.acts import CurationServices
from console.ui.curation.policies import PoliciesScreen, PolicyServices
from console.ui.curation.suggestions import SuggestionsScreen
from console.ui.curation.topics import TopicsScreen
from console.ui.deciding.bar import DecisionBar
from console.ui.deciding.reasons import ReasonPanel
from console.ui.desk.desk import Desk, DeskServices
from console.ui.desk.exposure import ExposureMeter
from console.ui.desk.inspector import Inspector
from console.ui.desk.list_pane import ListPane
from console.ui.desk.views import DeskViews
from console.ui.numbers.screen import NumbersScreen, NumbersServices
from console.ui.operations.screen import OperationsScreen, OperationsServices
from console.ui.player.care import CareSettings
from console.ui.player.item_image import ItemImages
from console.ui.player.item_video import ItemVideos
from console.ui.player.player import Player
from console.ui.player.view import KEYS, PlayerView
from console.ui.refusals.presenter import KEY as REFUSED
from console.ui.refusals.presenter import Refusals
from console.ui.scene.presenter import ScenePresenter, SceneServices
from console.ui.scene.screen import INSTEAD, House, Pictures, scene_screen
from console.ui.scene.thumbnails import Thumbnails
from console.ui.shell.outage import Outage
from console.ui.shell.screens import Deed, Opening, Screen
from console.ui.shell.window import MainWindow
from console.ui.signin import credentials
from console.ui.signin.window import Credentials, SignInWindow
from console.ui.staff.screen import StaffScreen, StaffServices
from console.ui.theme.theme import Choice, Theme
from db.greenroom.numbers import NumbersReader
from db.reader import PlatformReads
from db.routing import SignIn
from db.staffing import GreenroomStaff


@dataclass(frozen=True, slots=True)
class Application:
    """What lives as long as the process."""

    qt: QApplication
    theme: Theme
    settings: QSettings
    directories: Directories


@dataclass(slots=True)
class Session:
    """One person at one platform, from sign-in to sign-out."""

    data: DataLayer
    window: MainWindow
    desk: Desk
    scene: ScenePresenter | None
    player: Player
    desk_player: Player
    media: MediaLayer
    tasks: Tasks
    notices: Notices

    async def close(self) -> None:
        """Take no more, give claims back, end every task, then close what they used."""
        self.desk.close()
        if self.scene is not None:
            self.scene.close()
        self.window.setEnabled(False)
        await self.window.leave_screens()
        await self.data.let_go()
        self.window.hide()
        await self.tasks.close()
        await self.player.aclose()
        await self.desk_player.aclose()
        await self.media.close()
        await self.data.close()
        self.window.deleteLater()


def application(directories: Directories, choice: Choice | None = None) -> Application:
    """The Qt application with its theme and its remembered settings."""
    existing = QApplication.instance()
    qt = existing if isinstance(existing, QApplication) else QApplication(sys.argv[:1])
    qt.setApplicationName("greenroom")
    qt.setApplicationDisplayName("Greenroom")
    directories.config.mkdir(parents=True, exist_ok=True)
    settings = QSettings(str(directories.config / "window.ini"), QSettings.Format.IniFormat)
    chosen = choice or Choice(str(settings.value("theme", Choice.SYSTEM.value)))
    return Application(qt, Theme(qt, chosen), settings, directories)


async def open_session(app: Application, profile: Profile, sign_in: SignIn) -> Session:
    """Connect as this person and build their window. Raises SignInFailed or Unavailable."""
    notices = Notices()
    tasks = Tasks(notices.failed)

    outage = Outage(notices)
    refused = 0

    def show(tally: Tally) -> None:
        nonlocal refused
        window.status.show_tally(tally)
        outage.tally(tally)
        if tally.refused != refused:
            refused = tally.refused
            refusals.refresh()

    data = await DataLayer.open(
        profile,
        sign_in,
        app.directories.data,
        changed=show,
        failed=lambda error: notices.failed("send decisions", error),
        alarm=lambda problem: notices.post(Notice(Level.PROBLEM, problem)),
        resent=outage.resent,
    )
    window = MainWindow(
        app.theme, app.settings, data.person, data.reader, data.servers, tasks, notices, profile.title
    )
    window.search.keep(data.journal)
    window.health_known.connect(outage.health)
    bus = ChangeBus()
    services = DeskServices(data.reader, data.writer, data.pipeline, data.claims, data.journal)
    media = await MediaLayer.open(
        profile.media, app.directories.cache / profile.name, credentials.media_secret
    )
    care = CareSettings(app.settings, profile.name)
    desk_player = Player(media.server, tasks, modules=app.directories.cache / "vlc")
    shown = (
        ItemVideos(app.theme, desk_player, media.images, care, tasks),
        ItemImages(app.theme, media.images, care, tasks),
    )
    desk, views = _build_desk(app.theme, data.person, services, tasks, notices, bus, shown)
    window.key_overview.tell("Video, while it has the keyboard", KEYS)
    await desk.prepare()
    for work, name in data.work(bus.hear):
        tasks.spawn(work, name)
    outage.changed.connect(lambda away: None if away else desk.hold_again())
    desk.verbs_changed.connect(window.verbs_changed)
    desk.decided.connect(window.refresh_counts)
    window.install(desk, views.list, _item_pane(views))
    reads = platform_reads(profile.platform)
    refusals = Refusals(
        app.theme,
        data.pipeline,
        data.journal,
        tasks,
        notices,
        window.open_subject,
        partial(window.open_at, BIBLES),
    )
    refusals.counted.connect(lambda many: window.navigation.show_count(REFUSED, Count(many)))
    desk.decided.connect(lambda: refusals.refresh() if refusals.view.entries else None)
    house = House(app.theme, data.person, app.settings, tasks, notices, bus)
    for screen in _screens(house, data, reads, refusals, desk, window.open_subject):
        window.add_screen(screen)
    if data.read_only is not None:
        window.status.tell_read_only(str(data.read_only))
        notices.failed("sign in", data.read_only)
    player = Player(media.server, tasks, modules=app.directories.cache / "vlc")
    scene = await _build_scene(house, data, media, player, care, desk, views, window)
    meter = ExposureMeter(window, partial(_looking, desk, scene), data.journal, tasks, notices)
    window.offer_exposure(lambda: meter.exposure)
    session = Session(data, window, desk, scene, player, desk_player, media, tasks, notices)
    tasks.spawn(refusals.tell_earlier(lambda: window.show_screen(REFUSED)), "tell what was refused earlier")
    tasks.spawn(data.pipeline.recover(), "recover decisions")
    return session


def _looking(desk: Desk, scene: ScenePresenter | None) -> tuple[Subject, int] | None:
    """What the person looks at, and how severe it is: 0 where nobody reported it."""
    found = desk.looked_at or (scene.looked_at if scene is not None else None)
    if found is None:
        return None
    subject, policies = found
    severities = desk.severities
    return subject, max((severities.get(key, 0) for key in policies), default=0)


def _screens(
    house: House,
    data: DataLayer,
    reads: PlatformReads,
    refusals: Refusals,
    desk: Desk,
    show: Callable[[Subject], None],
) -> Iterator[Screen]:
    """What stands beside the desk, in this order; the window leaves out what is above the person's role."""
    if reads.catalogue is not None:
        yield from _curation(
            house,
            CurationServices(
                data.person.login, reads.catalogue(data.servers), data.writer, data.pipeline, data.journal
            ),
        )
    yield _policies(house, data, desk)
    if reads.documents is not None:
        documents = reads.documents(data.servers)
        yield _bibles(house, BibleServices(documents, data.journal, data.pipeline.submit, refusals.refresh))
    yield _staff(house, data, show)
    yield _refusals_screen(refusals)
    yield _numbers(house, data)
    if reads.operations is not None:
        yield _operations(
            house, OperationsServices(reads.operations(data.servers), data.pipeline, data.journal)
        )


def _curation(house: House, services: CurationServices) -> Iterator[Screen]:
    for key, title, icon, kind in (
        ("topics", "Topics", "topic", TopicsScreen),
        ("suggestions", "Suggestions", "promote", SuggestionsScreen),
    ):
        widget = kind(house.theme, services, house.tasks, house.notices, house.bus)
        deeds = tuple(Deed(*each) for each in widget.deeds)
        yield Screen(key, title, "Curation", icon, widget, Role.ADMIN, widget.opened, deeds, left=widget.left)


def _policies(house: House, data: DataLayer, desk: Desk) -> Screen:
    services = PolicyServices(data.reader.all_policies, data.pipeline, data.journal)
    widget = PoliciesScreen(house.theme, services, house.tasks, house.notices)
    widget.saved.connect(lambda: house.tasks.spawn(desk.prepare(), "read the policies", widget))
    deeds = tuple(Deed(*each) for each in widget.deeds)
    return Screen("policies", "Policies", "Curation", "flag", widget, Role.ADMIN, widget.opened, deeds)


def _staff(house: House, data: DataLayer, show: Callable[[Subject], None]) -> Screen:
    services = StaffServices(data.person.login, GreenroomStaff(data.servers), data.pipeline, data.journal)
    widget = StaffScreen(house.theme, services, house.tasks, house.notices)
    widget.person_wanted.connect(show)
    deeds = tuple(Deed(*each) for each in widget.deeds)
    return Screen("staff", "Staff", "Operations", "person", widget, Role.ADMIN, widget.opened, deeds)


def _bibles(house: House, services: BibleServices) -> Screen:
    schema = bible_schema()
    editor = BibleEditor(house.theme, house.tasks, schema, house.settings)
    workspace = Workspace(house.theme, house.tasks, schema, editor, house.settings)
    bibles = Bibles(services, schema, workspace, editor, house.tasks, house.notices, house.bus)
    return Screen(
        BIBLES,
        "Bibles",
        "Curation",
        "bible",
        workspace,
        opened=bibles.open_latest,
        deeds=tuple(Deed(*each) for each in bibles.deeds),
        opening=Opening("Open the bible", "B", services.documents.kinds, bibles.open),
        left=bibles.left,
    )


def _numbers(house: House, data: DataLayer) -> Screen:
    async def titles() -> dict[str, str]:
        return {policy.key: policy.title for policy in await data.reader.policies()}

    queues = tuple((queue.key, queue.title) for queue in data.reader.platform.queues)
    services = NumbersServices(NumbersReader(data.servers), data.writer, queues, titles)
    widget = NumbersScreen(house.theme, services, house.tasks, house.notices)
    deeds = tuple(Deed(*each) for each in widget.deeds)
    return Screen("numbers", "Numbers", "Team", "numbers", widget, Role.REVIEWER, widget.opened, deeds)


def _operations(house: House, services: OperationsServices) -> Screen:
    widget = OperationsScreen(house.theme, services, house.tasks, house.notices)
    deeds = tuple(Deed(*each) for each in widget.deeds)
    return Screen(
        "operations",
        "Operations",
        "Team",
        "operations",
        widget,
        Role.ADMIN,
        widget.opened,
        deeds,
        left=widget.left,
    )


def _refusals_screen(refusals: Refusals) -> Screen:
    view = refusals.view
    return Screen(
        REFUSED,
        "Refused",
        "Yours",
        "lock",
        view,
        opened=refusals.opened,
        deeds=(
            Deed("Try again", ("R",), view.try_again),
            Deed("Copy what was refused", ("Ctrl+C",), view.copy_current),
            Deed("Dismiss", ("D", "Del"), view.dismiss_current),
        ),
    )


def _build_desk(
    theme: Theme,
    person: Person,
    services: DeskServices,
    tasks: Tasks,
    notices: Notices,
    bus: ChangeBus,
    media: tuple[ItemVideos, ItemImages],
) -> tuple[Desk, DeskViews]:
    desk: Desk | None = None

    def severities() -> dict[str, int]:
        return desk.severities if desk is not None else {}

    views = DeskViews(
        ListPane(theme, severities),
        Inspector(theme, lambda subject: desk.open_subject(subject) if desk else None, severities, *media),
        DecisionBar(theme),
        ReasonPanel(theme),
    )
    desk = Desk(person, services, tasks, notices, bus, views)
    return desk, views


def _item_pane(views: DeskViews) -> QWidget:
    """The item in context, over what it is decided with."""
    pane = QWidget()
    column = QVBoxLayout(pane)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    column.addWidget(views.inspector, 1)
    column.addWidget(views.reasons)
    column.addWidget(views.bar)
    return pane


async def _build_scene(
    house: House,
    data: DataLayer,
    media: MediaLayer,
    player: Player,
    care: CareSettings,
    desk: Desk,
    views: DeskViews,
    window: MainWindow,
) -> ScenePresenter | None:
    """The scene workspace, offered by the window; it decides through the desk's own stack."""
    films = data.reader.films
    if films is None:
        return None
    view = PlayerView(house.theme, player, spared=INSTEAD, care=care)
    services = SceneServices(
        data.reader.platform,
        films,
        data.pipeline,
        data.claims,
        data.journal,
        desk.deciding,
        data.reader.consequence,
    )
    pictures = Pictures(
        view,
        player,
        Thumbnails(media.images, media.thumbnails, house.tasks),
        lambda careful: view.set_care(FULL_CARE if careful else NO_CARE),
        view.keys,
    )
    screen, presenter = scene_screen(house, services, await data.reader.policies(), pictures)
    window.add_screen(screen)
    if screen.opening is not None:
        opening = screen.opening
        views.inspector.offer_opening(
            opening.title,
            screen.icon,
            opening.key,
            opening.kinds,
            lambda subject: window.open_at(screen.key, subject),
        )
    presenter.left.connect(window.show_desk)
    presenter.left.connect(views.list.rows.setFocus)
    return presenter


def open_console(data: Path | None, *, profile: str | None = None, link: str | None = None) -> int:
    """Run the console until its window is closed; returns the exit code.

    A `link` to an item is opened for whoever signs in first. ConfigurationError when it is none.
    """
    first = None if link is None else linked(link)
    app = application(Directories.of_user(data))
    profiles = profile_list(app.directories, profile)
    return run(app.qt, lambda: _run_profiles(app, profiles, first), Notices().failed)


async def _run_profiles(app: Application, profiles: list[Profile], first: Subject | None) -> int:
    while True:
        session = await sign_in(app, SignInWindow(app.theme, profiles))
        if session is None:
            return 0
        if first is not None:
            session.window.open_subject(first)
            first = None
        if not await until_closed(session):
            return 0


async def sign_in(app: Application, window: SignInWindow) -> Session | None:
    """Ask until somebody is signed in; None when the window was closed."""
    notices = Notices()
    tasks = Tasks(notices.failed)
    asked: asyncio.Queue[Credentials | None] = asyncio.Queue()
    window.submitted.connect(asked.put_nowait)
    window.closed.connect(lambda: asked.put_nowait(None))
    window.profile_chosen.connect(
        lambda profile, login: tasks.spawn(_recall(window, profile, login), "ask the keyring", window)
    )
    window.show()
    # The profile's own login was there before anybody listened.
    window.ask_keyring()
    try:
        while (typed := await asked.get()) is not None:
            try:
                session = await open_session(app, typed.profile, SignIn(typed.login, typed.password))
            except GreenroomError as error:
                window.tell(f"{error}. {error.remedy}".strip())
                continue
            # Behind the person's back: a locked keyring may ask, and take its time.
            session.tasks.spawn(_keep_password(session, typed), "keep the password")
            return session
        return None
    finally:
        window.closed.disconnect()
        window.close()
        await tasks.close()
        window.deleteLater()


async def _recall(window: SignInWindow, profile: Profile, login: str) -> None:
    answer = await credentials.recall(profile.name, login)
    if not window.asks_for(profile, login):
        return
    if answer.password:
        window.fill(answer.password)
    window.tell_of_keyring(answer.problem or "")


async def _keep_password(session: Session, typed: Credentials) -> None:
    if typed.remember:
        answer = await credentials.remember(typed.profile.name, typed.login, typed.password)
    elif typed.recalled:
        answer = await credentials.forget(typed.profile.name, typed.login)
    else:
        return
    if answer.problem:
        session.notices.failed("remember", GreenroomError(answer.problem))


async def until_closed(session: Session) -> bool:
    """Show the window until it is closed; True when the person signs out instead."""
    ended: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    def end(*, again: bool) -> Callable[[], None]:
        return lambda: None if ended.done() else ended.set_result(again)

    session.window.closed.connect(end(again=False))
    session.window.sign_out.connect(end(again=True))
    session.window.show()
    try:
        return await ended
    finally:
        session.window.hide()
        await session.close()
