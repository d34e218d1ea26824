"""Profiles are read strictly: every mistake is named with its place and its remedy."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from console.config import Directories, Profile, journal_folder, journal_prefix, load_profiles
from console.domain.errors import ConfigurationError

PLAIN = '[live]\nplatform = "scenes"\nprimary = "postgresql://db.example/scenes"\n'


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "profiles.toml"


def test_no_file_means_no_profiles(file: Path) -> None:
    assert load_profiles(file) == {}


def test_a_whole_profile(file: Path) -> None:
    primary = "postgresql://a.example:5432,b.example:5433/scenes?target_session_attrs=read-write"
    file.write_text(
        f'[live]\ntitle = "Live"\nplatform = "scenes"\nprimary = "{primary}"\nlogin = "mia"\n'
        'remember = true\nreplicas = ["postgresql:///scenes?host=/run/pg&port=5433"]\n'
    )
    expected = Profile(
        "live", "Live", "scenes", primary, ("postgresql:///scenes?host=/run/pg&port=5433",), "mia", True
    )
    assert load_profiles(file) == {"live": expected}


def test_a_pooler_is_named_by_a_switch(file: Path) -> None:
    file.write_text(PLAIN + "pooled = true\n")
    assert load_profiles(file)["live"].pooled
    file.write_text(PLAIN)
    assert not load_profiles(file)["live"].pooled


def test_how_far_a_replica_may_be_behind(file: Path) -> None:
    file.write_text(PLAIN + "max_lag = 0.5\n")
    assert load_profiles(file)["live"].max_lag == 0.5
    file.write_text(PLAIN)
    assert load_profiles(file)["live"].max_lag == 10


def test_the_name_stands_in_for_a_title(file: Path) -> None:
    file.write_text(PLAIN)
    assert load_profiles(file)["live"].title == "live"


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://mia:hunter2@db.example/scenes",
        "postgresql://mia:hunter2@@db.example/scenes",
        "postgresql://db.example/scenes?password=hunter2",
        "postgresql://db.example/scenes?pass%77ord=hunter2",
        "postgresql://db.example/scenes?sslpassword=hunter2",
    ],
)
@pytest.mark.parametrize("key", ["primary", "replicas"])
def test_a_password_is_refused_and_never_repeated(file: Path, url: str, key: str) -> None:
    if key == "primary":
        file.write_text(f'[live]\nplatform = "scenes"\nprimary = "{url}"\n')
    else:
        file.write_text(f'{PLAIN}replicas = ["{url}"]\n')
    with pytest.raises(ConfigurationError, match="holds a password") as caught:
        load_profiles(file)
    assert key in str(caught.value)
    assert "hunter2" not in str(caught.value)
    assert "keyring" in caught.value.remedy


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[live\n", "not valid TOML"),
        ("live = 3\n", "is not a table"),
        ('[live]\nprimary = "postgresql://h/d"\n', "'platform'"),
        ('[live]\nplatform = ""\nprimary = "postgresql://h/d"\n', "'platform'"),
        ('[live]\nplatform = "scenes"\n', "'primary' must be a URL"),
        ('[live]\nplatform = "scenes"\nprimary = "mysql://h/d"\n', "not a postgresql:// URL"),
        ('[live]\nplatform = "scenes"\nprimary = "postgresql://[h/d"\n', "not a valid URL"),
        ('[live]\nplatform = "scenes"\nprimary = "postgresql:///d"\n', "names no host"),
        ('[live]\nplatform = "scenes"\nprimary = "postgresql://h"\n', "names no database"),
        (PLAIN + 'replicas = "postgresql://h/d"\n', "must be a list"),
        (PLAIN + "replicas = [3]\n", r"replicas\[0\]"),
        (PLAIN + 'remember = "yes"\n', "'remember'"),
        (PLAIN + "pooled = 1\n", "'pooled'"),
        *(
            (PLAIN + f"max_lag = {value}\n", "'max_lag'")
            for value in ("0", "-1", "3601", "nan", '"1"', "true")
        ),
        (PLAIN + 'password = "hunter2"\n', "unknown key 'password'"),
        (PLAIN + 'pirmary = "x"\n', "unknown key 'pirmary'"),
    ],
)
def test_mistakes_name_file_and_key(file: Path, text: str, said: str) -> None:
    file.write_text(text)
    with pytest.raises(ConfigurationError, match=said) as caught:
        load_profiles(file)
    assert str(file) in str(caught.value)
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[live\n", "at line 1"),
        ("# ours\nlive = 3\n", "line 2"),
        ('\n[other]\nplatform = "scenes"\nprimary = "postgresql://h/d"\n\n[live]\n', "line 6"),
        (PLAIN + "# a comment\npooled = 1\n", "line 5"),
        (PLAIN + '  "pirmary" = "x"\n', "line 4"),
        (PLAIN + "replicas = [3]\n", "line 4"),
        (PLAIN + '[live.media]\nhosts = "a.example"\n', "line 5"),
        (PLAIN + "[live.media]\nhost = 1\n", "line 5"),
        (PLAIN + '[[live.media.access]]\nhost = "a.example"\ncookie = "x"\n', "line 6"),
    ],
)
def test_mistakes_name_the_line(file: Path, text: str, line: str) -> None:
    file.write_text(text)
    with pytest.raises(ConfigurationError) as caught:
        load_profiles(file)
    assert re.search(rf"{line}\b", str(caught.value)), str(caught.value)


def test_a_file_that_is_not_text_is_told(file: Path) -> None:
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigurationError, match="not UTF-8"):
        load_profiles(file)


def test_data_overrides_every_folder(tmp_path: Path) -> None:
    folders = Directories.of_user(tmp_path)
    assert {folders.data, folders.config.parent, folders.cache.parent} == {tmp_path}
    assert folders.profiles == tmp_path / "config" / "profiles.toml"


def test_the_system_says_where_files_go() -> None:
    folders = Directories.of_user()
    assert all("greenroom" in str(each).lower() for each in (folders.data, folders.config, folders.cache))


def test_no_two_people_or_profiles_share_a_journal_and_none_lies_elsewhere(tmp_path: Path) -> None:
    names = ("a", "a-b", "b", "b-c", "c", "A", "..", "../a", "a/b", "a%2db", "ü", "a b", "[a]*", "con.")
    folders = {str(journal_folder(tmp_path, one, two)).casefold() for one in names for two in names}
    assert len(folders) == len(names) ** 2
    for profile in names:
        for login in names:
            folder = journal_folder(tmp_path, profile, login)
            assert folder.parent == tmp_path / "journals"
            others = [other for other in names if folder.name.startswith(journal_prefix(other))]
            assert others == [profile]
    assert journal_folder(tmp_path, "live", "mia").name == "live-mia"
