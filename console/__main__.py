"""The command line `greenroom`.

Each command imports what it needs when it runs, so that `--version` and errors in the arguments need
neither Qt nor a database driver.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from console import __version__
from console.domain.errors import GreenroomError

EXIT_FAILED = 1
PLAYER_DOOR = "--player-process"
"""By this first argument the built program becomes the process in which VLC plays; people never type it."""


def _parser(arguments: Sequence[str]) -> argparse.ArgumentParser:
    # Suppressed: a command's own default would wipe out what stands before the command.
    common = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    common.add_argument("--data", type=Path, metavar="DIR", help="keep servers, journal and media in DIR")
    profile = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    profile.add_argument("--profile", metavar="NAME", help="a profile of profiles.toml")

    parser = argparse.ArgumentParser(
        prog="greenroom",
        description="Moderation and curation console on PostgreSQL.",
        epilog="A link such as greenroom://item/segment/ID, in place of a command, opens that item.",
        parents=[common, profile],
    )
    parser.add_argument("--version", action="version", version=f"greenroom {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")

    demo = commands.add_parser(
        "demo",
        parents=[common],
        help="start the demo: a primary, a replica and a platform with pending work",
    )
    demo.add_argument(
        "--size",
        choices=("small", "large"),
        default="small",
        help="small: a few thousand rows; large: a million flags",
    )
    demo.add_argument("--reset", action="store_true", help="throw the demo away and make it anew")
    demo.add_argument(
        "--login",
        choices=("admin", "moderator", "reviewer"),
        default="moderator",
        help="who signs in (default: moderator)",
    )
    demo.add_argument(
        "--no-window",
        action="store_true",
        help="print the servers' URLs as one JSON line and serve until SIGINT or SIGTERM",
    )

    attach = commands.add_parser(
        "attach",
        parents=[common, profile],
        help="install the console's schema into a platform's database, after checking its tables",
    )
    attach.add_argument("--owner", metavar="LOGIN", help="sign in as this owner (default: libpq's)")
    detach = commands.add_parser("detach", parents=[common, profile], help="remove all that attach added")
    detach.add_argument("--owner", metavar="LOGIN", help="sign in as this owner (default: libpq's)")
    months = commands.add_parser(
        "months",
        parents=[common, profile],
        help="make the partitions of this and the next month that are missing",
    )
    months.add_argument("--owner", metavar="LOGIN", help="sign in as this owner (default: libpq's)")

    staff = commands.add_parser("staff", help="who may sign in").add_subparsers(
        dest="staff_command", metavar="COMMAND", required=True
    )
    grant = staff.add_parser(
        "grant", parents=[common, profile], help="create a staff login or change its role"
    )
    grant.add_argument("login", help="the PostgreSQL login role")
    grant.add_argument("role", choices=("reviewer", "moderator", "admin"))
    grant.add_argument(
        "--user", required=True, metavar="NAME", help="username of the person's platform account"
    )
    grant.add_argument("--owner", metavar="LOGIN", help="sign in as this owner (default: libpq's)")
    revoke = staff.add_parser(
        "revoke", parents=[common, profile], help="take every right of staff from a login"
    )
    revoke.add_argument("login", help="the PostgreSQL login role")
    revoke.add_argument("--owner", metavar="LOGIN", help="sign in as this owner (default: libpq's)")

    audit = commands.add_parser("audit", help="whether the audit is whole").add_subparsers(
        dest="audit_command", metavar="COMMAND", required=True
    )
    verify = audit.add_parser(
        "verify",
        parents=[common, profile],
        help="hold every seal of the audit against its rows, and against those seen from this machine",
    )
    verify.add_argument("--owner", metavar="LOGIN", help="sign in as this owner or admin (default: libpq's)")

    commands.add_parser(
        "doctor",
        parents=[common, profile],
        help="what is missing or wrong on this machine and in this database, with the remedy",
    )
    if "bible" in arguments:
        from console.bible_commands import add_parsers

        add_parsers(commands)
    else:
        commands.add_parser("bible", help="check, compare and merge bible documents", add_help=False)
    tour = commands.add_parser(
        "tour", help="drive the real window through the main job and check the database"
    )
    tour.add_argument("--out", type=Path, required=True, metavar="DIR", help="screenshots go here")
    tour.add_argument("--size", choices=("small", "large"), default="small")
    tour.add_argument(
        "--data",
        type=Path,
        default=argparse.SUPPRESS,
        metavar="DIR",
        help="use this demo instead of a fresh one",
    )
    tour.add_argument("--theme", choices=("light", "dark"), default="light")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code (0 done, 1 failed, 2 wrong usage)."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    if given[:1] == [PLAYER_DOOR]:
        from console.ui.player import child

        return child.main(given[1:])
    # Taken out first: a link stands where else a command would, as desktops pass it on.
    links = [each for each in given if each.startswith("greenroom://")]
    given = [each for each in given if each not in links]
    options = _parser(given).parse_args(given, argparse.Namespace(data=None, profile=None))
    if links and (len(links) > 1 or options.command is not None):
        _parser(given).error("a link stands alone, without a command")
    options.link = links[0] if links else None
    try:
        return _run(options)
    except GreenroomError as error:
        print(f"greenroom: {error}", file=sys.stderr)
        if error.remedy:
            print(f"  {error.remedy}", file=sys.stderr)
        return EXIT_FAILED
    except KeyboardInterrupt:
        return 130


def _run(options: argparse.Namespace) -> int:
    command = options.command
    if command == "bible":
        from console import bible_commands

        return bible_commands.run(options)
    if command == "tour":
        from console.tour import run_tour

        return run_tour(options.out, size=options.size, data=options.data, theme=options.theme)
    if command == "doctor":
        from console.commands import doctor

        return doctor(options.data, options.profile)
    if command in {"attach", "detach", "months"}:
        from console import commands

        run = {"attach": commands.attach, "detach": commands.detach, "months": commands.months}[command]
        return run(options.data, options.profile, options.owner)
    if command == "audit":
        from console.commands import audit_verify

        return audit_verify(options.data, options.profile, options.owner)
    if command == "staff" and options.staff_command == "revoke":
        from console.commands import staff_revoke

        return staff_revoke(options.data, options.profile, options.owner, options.login)
    if command == "staff":
        from console.commands import staff_grant

        return staff_grant(
            options.data, options.profile, options.owner, options.login, options.role, options.user
        )
    if command == "demo" and options.no_window:
        from console.demonstration import serve_demo

        return serve_demo(options.data, size=options.size, reset=options.reset)

    if command == "demo":
        from console.demonstration import open_demo

        return open_demo(options.data, size=options.size, reset=options.reset, login=options.login)
    from console.bootstrap import open_console

    return open_console(options.data, profile=options.profile, link=options.link)


if __name__ == "__main__":
    sys.exit(main())
