"""The commands as they are typed, on a real database: attach, staff, doctor, detach."""

from __future__ import annotations

import asyncio
import io
import re
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from console import __version__
from console.__main__ import main
from console.domain.audit import AuditHead
from db.embedded import SUPERUSER
from db.greenroom.audit import SeenSeal
from tests.support.content import add_content, one
from tests.support.databases import Database

README = Path(__file__).parents[2] / "README.md"


@pytest.fixture
def data(scenes_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with one profile, `trial`, whose owner's password is in the environment."""
    add_content(scenes_database)
    folder = tmp_path / "config"
    folder.mkdir()
    (folder / "profiles.toml").write_text(
        f'[trial]\ntitle = "Trial"\nplatform = "scenes"\nprimary = "{url(scenes_database.primary)}"\n'
        f'replicas = ["{url(scenes_database.replica)}"]\n'
    )
    monkeypatch.setenv("PGUSER", SUPERUSER)
    monkeypatch.setenv("PGPASSWORD", scenes_database.cluster.password)
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    return tmp_path


def url(conninfo: str) -> str:
    """As a profile has it, of a connection string to a local socket."""
    parts = conninfo_to_dict(conninfo)
    return f"postgresql://{quote(str(parts['host']), safe='')}:{parts['port']}/{parts['dbname']}"


def author(database: Database) -> str:
    with database.connect() as connection:
        return str(one(connection, "SELECT username FROM users"))


def test_from_attach_to_detach(
    scenes_database: Database,
    data: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    here = ["--data", str(data), "--profile", "trial"]
    assert main(["attach", *here]) == 0
    assert "Trial: attached." in capsys.readouterr().out
    monkeypatch.setattr("sys.stdin", io.StringIO("a-password\n"))
    assert main(["staff", "grant", "nia", "moderator", "--user", author(scenes_database), *here]) == 0
    assert "nia is moderator on Trial." in capsys.readouterr().out
    with psycopg.connect(scenes_database.primary, user="nia", password="a-password") as nia:
        assert one(nia, "SELECT greenroom.me() ->> 'role'") == "moderator"
    assert main(["doctor", *here]) == 1
    told = capsys.readouterr().out
    assert "WRONG  other databases: staff may connect to" in told, "the cluster of the tests has more"
    assert told.count("WRONG") == 1
    assert main(["staff", "revoke", "nia", *here]) == 0
    assert "nia is no longer staff on Trial." in capsys.readouterr().out
    with pytest.raises(psycopg.OperationalError, match="not permitted to log in"):
        psycopg.connect(scenes_database.primary, user="nia", password="a-password")
    assert main(["staff", "revoke", "nobody", *here]) == 1
    assert "nobody is not a member of staff" in capsys.readouterr().err
    assert main(["detach", *here]) == 0
    with scenes_database.connect() as connection:
        assert one(connection, "SELECT to_regnamespace('greenroom')") is None
        connection.execute("DROP ROLE nia")


def test_a_missing_month_is_made_by_the_owner(
    scenes_database: Database, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    months = ["months", "--data", str(data), "--profile", "trial"]
    with scenes_database.connect() as connection:
        month = str(one(connection, "SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM')"))
        partition = f"jobs_{month.replace('-', '_')}"
        connection.execute(f"DROP TABLE {partition}".encode())
        assert main(months) == 0
        assert capsys.readouterr().out == f"made jobs {month}\n"
        assert one(connection, "SELECT to_regclass(%s)::text", partition) == partition
    assert main(months) == 0
    assert "this and the next month have their partitions" in capsys.readouterr().out


@pytest.mark.parametrize("place", [0, 1])
def test_options_may_stand_before_the_command_or_after(
    data: Path, place: int, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["attach"]
    words[place:place] = ["--data", str(data), "--profile", "trial"]
    assert main(words) == 0
    assert "Trial: attached." in capsys.readouterr().out


def test_the_only_profile_needs_no_name(data: Path) -> None:
    assert main(["attach", "--data", str(data)]) == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["attach", "--profile", "other"], "There is no profile other (known: trial)"),
        (["attach", "--owner", "nobody"], "does not accept this login"),
        (["staff", "grant", "new", "admin", "--user", "nobody"], "no account called nobody"),
    ],
)
def test_what_goes_wrong_is_told_without_a_traceback(
    data: Path,
    words: list[str],
    said: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("\n"))
    assert main([*words, "--data", str(data)]) == 1
    told = capsys.readouterr().err
    assert told.startswith("greenroom: ")
    assert said in told
    assert "Traceback" not in told


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("name", "WRONG  Database: "),
        ("login", "WRONG  Database: "),
        ("file", "WRONG  Profiles: "),
    ],
)
def test_the_doctor_tells_of_the_machine_also_when_the_database_is_out_of_reach(
    data: Path, change: str, said: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = data / "config" / "profiles.toml"
    if change == "login":
        monkeypatch.setenv("PGUSER", "nobody")
    elif change == "file":
        file.write_text("[trial]\nplatform = 3\n")
    else:
        file.write_text(file.read_text().replace("/test_", "/missing_"))
    assert main(["doctor", "--data", str(data), "--profile", "trial"]) == 1
    told = capsys.readouterr().out
    assert said in told
    assert "Python: Python is 3." in told
    assert "Traceback" not in told


def test_a_new_login_needs_a_password(
    scenes_database: Database,
    data: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    main(["attach", "--data", str(data)])
    monkeypatch.setattr("sys.stdin", io.StringIO("\n"))
    words = ["staff", "grant", "new", "admin", "--user", author(scenes_database), "--data", str(data)]
    assert main(words) == 1
    assert "new is new and needs a password" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words", [["unknown"], ["staff"], ["staff", "grant", "mia", "king", "--user", "x"], ["tour"]]
)
def test_wrong_usage_is_two(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2
    assert "usage: greenroom" in capsys.readouterr().err


def test_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"greenroom {__version__}\n"


def test_the_profile_of_the_readme_can_be_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    example = re.search(r"```toml\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    assert example is not None
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "profiles.toml").write_text(example[1])
    assert main(["attach", "--profile", "nowhere", "--data", str(tmp_path)]) == 1
    assert "known: production" in capsys.readouterr().err


def test_the_audit_is_verified_against_what_this_machine_saw(
    scenes_database: Database, data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    here = ["--data", str(data), "--profile", "trial"]
    main(["attach", *here])
    monkeypatch.setattr("sys.stdin", io.StringIO("a-password\n"))
    main(["staff", "grant", "nia", "moderator", "--user", author(scenes_database), *here])
    with scenes_database.connect() as owner:
        owner.execute("INSERT INTO greenroom.audit (at, login, action) VALUES (now(), 'nia', 'test')")
    with psycopg.connect(scenes_database.primary, user="nia", password="a-password") as nia:
        head = one(nia, "SELECT greenroom.seal_audit()")
    folder = data / "journals" / "trial-nia"
    asyncio.run(SeenSeal(folder).remember(AuditHead(head["seal"], head["digest"])))
    capsys.readouterr()
    assert main(["audit", "verify", *here]) == 0
    assert "the audit is whole; seals seen from this machine: 1" in capsys.readouterr().out
    with scenes_database.connect() as owner:
        owner.execute("SET session_replication_role = replica; TRUNCATE greenroom.audit_seals")
    assert main(["audit", "verify", *here]) == 1
    assert "lost its end: seal 1 was seen here" in capsys.readouterr().out
    with scenes_database.connect() as owner:
        owner.execute("DROP OWNED BY nia; DROP ROLE nia")
