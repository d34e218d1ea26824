"""Puts the scene workspace together, with its keys."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QWidget

from console.domain.media import CAREFUL
from console.domain.policies import Policy
from console.domain.queues import Verb
from console.domain.scenes import SceneSegment
from console.domain.staff import Person
from console.runtime.bus import ChangeBus
from console.runtime.notices import Notices
from console.runtime.tasks import Tasks
from console.ui.scene.moments import Deeds
from console.ui.scene.playing import PlayerKey, Playing
from console.ui.scene.presenter import ScenePresenter, SceneServices
from console.ui.scene.thumbnails import Thumbnails
from console.ui.scene.watching import Watching
from console.ui.scene.workspace import Buttons, Look, SceneWorkspace
from console.ui.shell.screens import Deed, Opening, Screen
from console.ui.theme.theme import Theme
from console.ui.theme.tokens import severity_colour
from console.ui.theme.words import humanised

KEY = "scene"
ALONG_THE_STRIP = frozenset({"Left", "Right", "Up", "Down", "Home", "End"})
"""Keys of the player's that go along the strip while that has the keyboard."""
PRESSES = "Space"
"""Presses a button that has the keyboard: it plays from the strip and from the picture only."""
INSTEAD = {"F": "Shift+F", "I": "Shift+I", "M": "Shift+M"}
"""Where the workspace has a use of its own for a key of the player's: the one that does that here."""


@dataclass(frozen=True, slots=True)
class Pictures:
    """Where pictures come from: `view` shows what `player` plays, `keys` are its own.

    `careful` is told whether the next picture is begun with care: blurred, grey and muted.
    """

    view: QWidget
    player: Playing
    thumbnails: Thumbnails
    careful: Callable[[bool], None]
    keys: Sequence[PlayerKey]


@dataclass(frozen=True, slots=True)
class House:
    """What every screen is given."""

    theme: Theme
    person: Person
    settings: QSettings
    tasks: Tasks
    notices: Notices
    bus: ChangeBus


def scene_screen(
    house: House, services: SceneServices, policies: Sequence[Policy], pictures: Pictures
) -> tuple[Screen, ScenePresenter]:
    """The screen, and what drives it."""
    theme, person = house.theme, house.person
    known: Mapping[str, Policy] = {policy.key: policy for policy in policies}
    driven: list[ScenePresenter] = []

    def severity(key: str) -> str:
        return severity_colour(theme.tokens, known[key].severity if key in known else 1)

    def title(key: str) -> str:
        return known[key].title if key in known else humanised(key)

    def press(deed: Callable[[ScenePresenter], None]) -> Callable[[], None]:
        return lambda: deed(driven[0])

    def decides(verb: Verb) -> Callable[[], None]:
        return press(lambda p: p.choosing.choose(verb))

    deeds = Deeds(
        press(lambda p: p.marking.begin()),
        press(lambda p: p.marking.end()),
        press(lambda p: p.marking.nudge(-1)),
        press(lambda p: p.marking.nudge(1)),
        press(lambda p: p.marking.keep()),
        press(lambda p: p.marking.flag()),
    )
    buttons = Buttons(
        press(lambda p: p.watching.only_viewers()),
        press(lambda p: p.choosing.lock()),
        press(ScenePresenter.leave),
        press(lambda p: p.choosing.hide_rest()),
        deeds,
    )

    def careful(segment: SceneSegment) -> bool:
        """Whether it was reported, or marked, for something that nobody should have to see unprepared."""
        named = [report.reason for report in segment.reports] + [mark.policy for mark in segment.marks]
        return any(known[key].severity >= CAREFUL for key in named if key in known)

    look = Look(severity, title, careful)
    workspace = SceneWorkspace(
        theme, person, house.settings, pictures.view, pictures.thumbnails, look, buttons
    )
    watching = Watching(
        workspace,
        pictures.player,
        services.films,
        pictures.thumbnails,
        lambda segment: pictures.careful(careful(segment)),
        house.tasks,
        house.notices,
    )
    presenter = ScenePresenter(
        person,
        services,
        policies,
        house.tasks,
        house.notices,
        house.bus,
        workspace,
        watching,
        pictures.player,
    )
    driven.append(presenter)
    verbs = services.platform.kind("segment").verbs
    screen = Screen(
        KEY,
        "Scene",
        "Media",
        "scene",
        workspace,
        opened=presenter.shown,
        deeds=(
            *(Deed(verb.title, (verb.shortcut,), decides(verb)) for verb in verbs if person.may(verb.role)),
            Deed("Hide from here on", ("Shift+H",), buttons.rest),
            Deed("Lock or unlock the scene", ("Shift+L",), buttons.lock),
            Deed("Undo last decision", ("Ctrl+Z",), services.deciding.undo),
            Deed("As viewers see it", ("W",), buttons.viewers),
            Deed("Next reported moment", ("G",), press(lambda p: p.watching.next_report())),
            Deed("Mark in", ("I",), deeds.begin),
            Deed("Mark out", ("O",), deeds.end),
            Deed("Mark a frame earlier", ("Alt+Left",), deeds.back, repeats=True),
            Deed("Mark a frame later", ("Alt+Right",), deeds.forth, repeats=True),
            Deed("Set the mark", ("M",), deeds.keep),
            Deed("Flag, from the mark if there is one", ("F",), deeds.flag),
            Deed("Next segment", ("PgDown",), press(lambda p: p.watching.go(1)), repeats=True),
            Deed("Previous segment", ("PgUp",), press(lambda p: p.watching.go(-1)), repeats=True),
            Deed("First segment", ("Ctrl+Home",), press(lambda p: p.watching.go_to_end(last=False))),
            Deed("Last segment", ("Ctrl+End",), press(lambda p: p.watching.go_to_end(last=True))),
            *(
                Deed(key.title, keys, key.run, repeats=key.repeats)
                for key in pictures.keys
                if (keys := _left_to_the_player(key.keys))
            ),
            # Escape belongs first to whatever lies over the workspace: it is heard where nothing took it.
            Deed("Back to the desk", (), press(ScenePresenter.leave)),
        ),
        opening=Opening("Open the scene", "O", frozenset({"scene", "segment"}), presenter.open),
    )
    return screen, presenter


def _left_to_the_player(keys: tuple[str, ...]) -> tuple[str, ...]:
    """The keys that do here what they do in the player."""
    own = ALONG_THE_STRIP | {PRESSES}
    return tuple(INSTEAD.get(key, key) for key in keys if key not in own)
