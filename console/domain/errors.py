"""What can go wrong, told apart by what a person can do about it.

Driver errors become one of these once, at the boundary (`db/errors.py`). Anything else that reaches
the top is our bug and is shown as one.
"""

from __future__ import annotations

from datetime import datetime

from console.domain.subjects import Holder, Subject


class GreenroomError(Exception):
    """An expected failure. `str()` is one sentence a person can read; `remedy` says what to do next."""

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.remedy = remedy


class ConfigurationError(GreenroomError):
    """A profile, flag or file is wrong; the message names it, the place and the mend."""


class Unavailable(GreenroomError):
    """No server can answer at the moment. What was typed is kept; it will be tried again."""


class Busy(Unavailable):
    """The server answers, but something else keeps it from this at the moment, a lock most of all."""


class TooSlow(Busy):
    """A statement took longer than one may: the server has ended it."""


class SignInFailed(GreenroomError):
    """The server refused this login or password, or the login is not a member of staff."""


class Refused(GreenroomError):
    """The database refused by a rule. `rule` is its name (`claim_taken`, `stale`, …)."""

    rule = "refused"

    def __init__(self, message: str, remedy: str = "", *, subject: Subject | None = None) -> None:
        super().__init__(message, remedy)
        self.subject = subject


class NotPermitted(Refused):
    """The person's role does not reach; the message says who can."""

    rule = "not_permitted"


class Taken(Refused):
    """Somebody else holds a live claim on the subject."""

    rule = "taken"

    def __init__(
        self, message: str, remedy: str = "", *, subject: Subject | None, holder: str, since: datetime | None
    ) -> None:
        super().__init__(message, remedy, subject=subject)
        self.holder = holder
        self.since = since

    @property
    def lease(self) -> Holder | None:
        """Who holds it since when, as a list shows it; None where the database did not say."""
        return None if self.since is None else Holder(self.holder, self.since, self.since)


class ClaimLost(Refused):
    """The decision's token is not that of a live claim: it expired, or was released."""

    rule = "claim_lost"


class TooManyClaims(Refused):
    """The person holds as many claims as one person may."""

    rule = "too_many_claims"


class Stale(Refused):
    """The content changed since it was shown, or the item has been decided meanwhile."""

    rule = "stale"


class UndoRefused(Refused):
    """What the decision wrote was changed since; the message names who changed what."""

    rule = "undo_refused"


class NotFound(Refused):
    """The subject or decision does not exist (any more)."""

    rule = "not_found"


class Outdated(Refused):
    """This console is older than the schema's minimum: it only reads."""

    rule = "outdated"


class InvalidDecision(Refused):
    """The decision itself is malformed: unknown verb, missing reason, no targets."""

    rule = "invalid"


class MediaProblem(GreenroomError):
    """A medium cannot be shown. `url` is where it failed, without what may be secret in it.

    `kind` tells why: not_found, expired (401, 403, 410), refused (the allow-list), unreachable, dns,
    timeout, tls, server (another status), credentials (not in the keyring), too_large, truncated, empty,
    encrypted_without_key, audio_only, wrong_codec, not_media, loop.
    """

    def __init__(self, kind: str, message: str, remedy: str = "", *, url: str = "") -> None:
        super().__init__(message, remedy)
        self.kind = kind
        self.url = url


class MediaRefused(MediaProblem):
    """The profile's allow-list does not let this URL be opened; `rule` names the rule that refuses."""

    def __init__(self, rule: str, message: str, remedy: str, *, url: str) -> None:
        super().__init__("refused", message, remedy, url=url)
        self.rule = rule
