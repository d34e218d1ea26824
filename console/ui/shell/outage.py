"""What a person is told while the primary is away, and of what its loss has cost."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal

from console.domain.decisions import Decision, Undo
from console.domain.servers import Server
from console.runtime.notices import Level, Notice, Notices
from console.services.decisions import Resent, Tally
from console.services.ports import ServerHealth
from console.ui.theme.words import count_of, shortened

ABOUT = "the primary"


class Outage(QObject):
    """Says once that the primary is away, and once that it is back. Signals: `changed(bool)`: it is away."""

    changed = Signal(bool)

    def __init__(self, notices: Notices) -> None:
        super().__init__()
        self._notices = notices
        self._waiting = 0
        self.away = False

    def tally(self, tally: Tally) -> None:
        """What waits to be sent."""
        self._waiting = tally.waiting

    def health(self, servers: Sequence[ServerHealth]) -> None:
        """How the servers are."""
        away = any(each.server is Server.PRIMARY and not each.reachable for each in servers)
        replica = any(each.server is Server.REPLICA and each.reachable for each in servers)
        if away == self.away:
            return
        self.away = away
        self.changed.emit(away)
        if away:
            shown = "You see what the replica has." if replica else "No replica answers either."
            self._notices.post(
                Notice(
                    Level.UNAVAILABLE,
                    f"Nothing can be changed there now. {shown}",
                    "It is looked for by itself, also among the other hosts of the profile.",
                    about=ABOUT,
                    title="The primary is out of reach",
                    kept="What you decide waits on this machine and is sent when it is back.",
                )
            )
        else:
            sending = f" and {count_of(self._waiting, 'change')} of yours sent" if self._waiting else ""
            self._notices.done(f"The primary is back{sending}", about=ABOUT)

    def resent(self, resent: Resent) -> None:
        """A failover had lost what was answered."""
        works = resent.works
        decided = all(isinstance(work, Decision | Undo) for work, _ in works)
        lost = count_of(len(works), "decision" if decided else "change")
        refused = [(work, error) for work, error in works if error is not None]
        were = "was" if len(works) == 1 else "were"
        if not refused:
            self._notices.post(Notice(Level.INFO, f"{lost} {were} lost by the failover and sent again"))
            return
        reasons = "\n".join(
            f"{shortened(work.words)}: {error}. {work.typed or ''}".strip() for work, error in refused
        )
        self._notices.post(
            Notice(
                Level.REFUSED,
                f"{lost} {were} lost by the failover. {len(works) - len(refused)} sent again,"
                f" {len(refused)} refused",
                reasons,
                details=reasons,
                title="Lost by the failover",
            )
        )
