"""Profiles and folders: frozen values, read once at the start and passed in.

A profile says where a platform's servers are and who signs in. It never holds a password: those are
typed at sign-in or lie in the system's keyring.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import platformdirs

from console.domain.errors import ConfigurationError
from console.domain.media import NO_MEDIA, MediaRules
from console.media_section import media_rules

_KEYS = frozenset(
    {"title", "platform", "primary", "replicas", "login", "remember", "media", "pooled", "max_lag"}
)

MAX_LAG = 10.0
"""Seconds that a replica may be behind and still be read, where the profile does not say."""
_SECRET_PARAMETERS = frozenset({"password", "sslpassword"})


@dataclass(frozen=True, slots=True)
class Profile:
    """One platform's servers.

    `platform` is the key of a declared platform, `primary` a libpq URL (of several hosts the one that takes
    writes on the highest timeline is the primary), `replicas` are libpq URLs of standbys. `login`
    prefills the sign-in, `remember` ticks the box that keeps the password in the keyring. `media` says which
    servers' pictures and videos are opened: none, where it is left out. `pooled` says that a
    transaction pooler (PgBouncer) stands before them: nothing is prepared and the change feed polls.
    `max_lag` is how many seconds a replica may be behind and still be read.
    """

    name: str
    title: str
    platform: str
    primary: str
    replicas: tuple[str, ...] = ()
    login: str | None = None
    remember: bool = False
    media: MediaRules = NO_MEDIA
    pooled: bool = False
    max_lag: float = MAX_LAG


@dataclass(frozen=True, slots=True)
class Directories:
    """Where this person's files are: servers and journal, settings, what can be made again."""

    data: Path
    config: Path
    cache: Path

    @classmethod
    def of_user(cls, data: Path | None = None) -> Directories:
        """The folders that the system gives programs; with `data`, everything lies under that one."""
        if data is not None:
            root = data.expanduser().absolute()
            return cls(root, root / "config", root / "cache")
        return cls(
            Path(platformdirs.user_data_dir("greenroom", appauthor=False)),
            Path(platformdirs.user_config_dir("greenroom", appauthor=False)),
            Path(platformdirs.user_cache_dir("greenroom", appauthor=False)),
        )

    @property
    def profiles(self) -> Path:
        """The file that `load_profiles` reads."""
        return self.config / "profiles.toml"


def journal_folder(data: Path, profile: str, login: str) -> Path:
    """Where the records of one login under one profile lie: no other pair of names has that folder."""
    return data / "journals" / f"{journal_prefix(profile)}{_as_file_name(login)}"


def journal_prefix(profile: str) -> str:
    """What the names of a profile's folders in `journals` begin with, and no other profile's do."""
    return f"{_as_file_name(profile)}-"


def _as_file_name(name: str) -> str:
    """Letters that a file's name may not have, or that some systems hold for others, become %xx."""
    return re.sub(r"[^a-z0-9_]", lambda found: "".join(f"%{byte:02x}" for byte in found[0].encode()), name)


def load_profiles(path: Path) -> Mapping[str, Profile]:
    """The profiles of a `profiles.toml` by name, in its order; none when there is no such file.

    Each is a table named for the profile. ConfigurationError names file, line, profile, key and remedy.
    """
    try:
        text = path.read_text(encoding="utf-8")
        document = tomllib.loads(text)
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise ConfigurationError(
            f"{path} cannot be read: {error.strerror}", "Check the file's owner and mode."
        ) from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{path} is not UTF-8 text", "Save it as UTF-8.") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{path} is not valid TOML: {error}", "Mend the line it names.") from error
    return {name: _profile(_Table(path, text, name, value)) for name, value in document.items()}


@dataclass(frozen=True, slots=True)
class _Table:
    """A profile's table as read, which knows its place for the sake of its errors."""

    path: Path
    source: str
    name: str
    values: object

    def wrong(self, what: str, remedy: str) -> ConfigurationError:
        """The error; the key that `what` names first tells its line."""
        key = re.search(r"(?:'|unknown key '?)([\w.-]+)", what)
        line = _line_of(self.source, self.name, key.group(1) if key else "")
        where = f"{self.path}, line {line}" if line else str(self.path)
        return ConfigurationError(f"{where}, profile {self.name!r}: {what}", remedy)

    def mapping(self) -> Mapping[str, object]:
        if not isinstance(self.values, dict):
            raise self.wrong("is not a table", f"Write it as a section: [{self.name}]")
        unknown = sorted(self.values.keys() - _KEYS)
        if unknown:
            remedy = f"Known keys: {', '.join(sorted(_KEYS))}."
            if "password" in unknown:
                remedy = "Remove it: passwords are typed at sign-in and kept in the system's keyring."
            raise self.wrong(f"unknown key {unknown[0]!r}", remedy)
        return self.values

    def text(self, key: str) -> str:
        value = self.mapping().get(key)
        if not isinstance(value, str) or not value.strip():
            raise self.wrong(f"{key!r} must be a text that is not empty", f'Add {key} = "…" to the section.')
        return value

    def switch(self, key: str) -> bool:
        value = self.mapping().get(key, False)
        if not isinstance(value, bool):
            raise self.wrong(f"{key!r} must be true or false", f"Write {key} = true, without quotes.")
        return value

    def seconds(self, key: str, otherwise: float, longest: float) -> float:
        value = self.mapping().get(key, otherwise)
        # To Python, true and false are numbers too; nan is between no two.
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= longest:
            raise self.wrong(
                f"{key!r} must be a number of seconds above 0 and up to {longest:,.0f}",
                f"Write {key} = {otherwise:g}, without quotes.",
            )
        return float(value)


def _line_of(text: str, profile: str, key: str) -> int:
    """The line (from 1) where a key of a profile stands (`media.hosts` in a section of its own).

    The line of the profile itself when the key is nowhere, 0 when that is not found either.
    """
    section, found = "", 0
    *path, last = f"{profile}.{key}".split(".")
    for number, line in enumerate(text.splitlines(), 1):
        header = re.match(r"\s*\[\[?\s*([^]]+?)\s*\]", line)
        if header:
            section = header.group(1).replace('"', "").replace("'", "")
            if section == profile:
                found = found or number
            continue
        at_top = not section and re.match(rf"\s*{re.escape(profile)}\s*=", line)
        inside = section == ".".join(path) and re.match(rf"\s*[\"']?{re.escape(last)}[\"']?\s*=", line)
        if at_top or inside:
            return number
    return found


def _profile(table: _Table) -> Profile:
    values = table.mapping()
    replicas = values.get("replicas", [])
    if not isinstance(replicas, list):
        raise table.wrong("'replicas' must be a list of URLs", 'Write replicas = ["postgresql://…"].')
    return Profile(
        name=table.name,
        title=table.text("title") if "title" in values else table.name,
        platform=table.text("platform"),
        primary=_url(table, "primary", values.get("primary")),
        replicas=tuple(_url(table, f"replicas[{place}]", url) for place, url in enumerate(replicas)),
        login=table.text("login") if "login" in values else None,
        remember=table.switch("remember"),
        pooled=table.switch("pooled"),
        max_lag=table.seconds("max_lag", MAX_LAG, 3600),
        media=media_rules(values.get("media", {}), table.wrong),
    )


def _url(table: _Table, key: str, url: object) -> str:
    """A libpq URL with a host and a database, and without a password (which no message repeats)."""
    example = "Write postgresql://HOST:PORT/DATABASE, without login and password."
    if not isinstance(url, str) or not url:
        raise table.wrong(f"{key!r} must be a URL", example)
    try:
        parts = urlsplit(url)
        query = parse_qs(parts.query, keep_blank_values=True)
    except ValueError as error:
        raise table.wrong(f"{key!r} is not a valid URL", example) from error
    if parts.scheme not in {"postgresql", "postgres"}:
        raise table.wrong(f"{key!r} is not a postgresql:// URL", example)
    login, _, hosts = parts.netloc.rpartition("@")
    if ":" in login or _SECRET_PARAMETERS & query.keys():
        raise table.wrong(
            f"{key!r} holds a password",
            "Remove it: passwords are typed at sign-in and kept in the system's keyring.",
        )
    if not hosts and not query.keys() & {"host", "hostaddr", "service"}:
        raise table.wrong(f"{key!r} names no host", example)
    if parts.path.strip("/") == "" and not query.keys() & {"dbname", "service"}:
        raise table.wrong(f"{key!r} names no database", example)
    return url
