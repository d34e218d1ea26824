"""The commands `greenroom bible validate | diff | merge`: the core on files, without a window."""

from __future__ import annotations

import argparse
import gc
import io
import sys
import tempfile
from pathlib import Path
from typing import Any

from console.bible import reading, rendering, writing
from console.bible.diff import diff
from console.bible.merge import merge
from console.bible.patch import patch
from console.bible.positions import PositionIndex
from console.bible.schema import AnnotatedSchema, bible_schema
from console.bible.validation import Surroundings, validate
from console.domain.errors import ConfigurationError

EXIT_CLEAN = 0
EXIT_FOUND = 1
EXIT_BAD_INPUT = 2


class _BadInput(Exception):
    """A file cannot be used; the message has all lines for a person."""


def add_parsers(commands: Any) -> None:
    """Add `bible` and its commands to the subparsers of the command line."""
    schema = argparse.ArgumentParser(add_help=False)
    schema.add_argument(
        "--schema", type=Path, metavar="FILE", help="an annotated JSON Schema (default: that of scene bibles)"
    )
    bible = commands.add_parser("bible", help="check, compare and merge bible documents").add_subparsers(
        dest="bible_command", metavar="COMMAND", required=True
    )
    check = bible.add_parser(
        "validate",
        parents=[schema],
        help="list errors and warnings with line and column",
        description="Exit code 0: valid (warnings may be told), 1: breaks the schema, 2: no readable JSON.",
    )
    check.add_argument("file", type=Path, metavar="FILE")
    check.add_argument("--row-version", type=int, metavar="N", help="the version of the document's row")
    check.add_argument("--last-segment", type=int, metavar="N", help="the scene's last segment")
    compare = bible.add_parser(
        "diff",
        parents=[schema],
        help="tell what changed, by identity",
        description="Exit code 0: compared, 2: no readable JSON.",
    )
    compare.add_argument("before", type=Path, metavar="A")
    compare.add_argument("after", type=Path, metavar="B")
    compare.add_argument("--format", choices=("text", "json", "json-patch", "html"), default="text")
    combine = bible.add_parser(
        "merge",
        parents=[schema],
        help="merge two changed versions of one document",
        description="Prints status, merged, conflicts and warnings as JSON. Exit code 0: clean, 1: conflict, "
        "2: no readable JSON. As a git merge driver: "
        "git config merge.bible.driver 'greenroom bible merge %O %A %B --output %A', "
        "and “*.bible.json merge=bible” in .gitattributes.",
    )
    combine.add_argument("base", type=Path, metavar="BASE")
    combine.add_argument("mine", type=Path, metavar="MINE")
    combine.add_argument("theirs", type=Path, metavar="THEIRS")
    combine.add_argument(
        "--resolve",
        choices=("mine", "theirs"),
        help="whose side `merged` takes at the conflicts (default: mine)",
    )
    combine.add_argument(
        "--output", type=Path, metavar="FILE", help="also write the merged document there (it may be MINE)"
    )


def run(options: argparse.Namespace) -> int:
    """Run one of the commands; returns its exit code."""
    # Nothing here makes cycles, and looking for them takes a third of the time of 10 MB.
    collecting = gc.isenabled()
    gc.disable()
    try:
        return _run(options)
    finally:
        if collecting:
            gc.enable()


def _run(options: argparse.Namespace) -> int:
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")
    try:
        schema = _schema(options.schema)
        if options.bible_command == "validate":
            return _validate(options, schema)
        if options.bible_command == "diff":
            return _diff(options, schema)
        return _merge(options, schema)
    except _BadInput as error:
        sys.stderr.write(f"{error}\n")
        return EXIT_BAD_INPUT


def _text(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        if size > reading.MAX_BYTES:
            message = f"{size >> 20} MiB; at most {reading.MAX_BYTES >> 20} MiB can be kept"
            raise _BadInput(f"{path}:1:1: error: the file has {message}")
        return path.read_bytes()
    except OSError as error:
        raise _BadInput(f"{path}: error: {error.strerror or error}") from error


def _read(path: Path) -> Any:
    return _parse(path, _text(path))


def _parse(path: Path, data: bytes) -> Any:
    try:
        return reading.read(data)
    except reading.BrokenDocument as error:
        lines = (
            f"{path}:{at.line}:{at.column}: error: {at.message} (line {at.line} column {at.column})"
            for at in error.problems
        )
        raise _BadInput("\n".join(lines)) from error


def _schema(path: Path | None) -> AnnotatedSchema:
    if path is None:
        return bible_schema()
    document = _read(path)
    try:
        schema = AnnotatedSchema(document)
        schema.validator.is_valid(None)
    except ConfigurationError as error:
        raise _BadInput(f"{path}:1:1: error: {error}") from error
    return schema


def _validate(options: argparse.Namespace, schema: AnnotatedSchema) -> int:
    data = _text(options.file)
    document = _parse(options.file, data)
    last = options.last_segment
    around = Surroundings(options.row_version, None if last is None else frozenset(range(1, last + 1)))
    findings = validate(document, schema, around)
    index = PositionIndex(data.decode()) if findings else None
    for finding in findings:
        if index is not None:
            line, column = index.locate(finding.tokens, key=finding.kind == "unknown-field")
            place = finding.pointer or "/"
            sys.stdout.write(
                _printable(f"{options.file}:{line}:{column}: {finding.severity}: {finding.message} ({place})")
                + "\n"
            )
    errors = sum(finding.severity == "error" for finding in findings)
    warnings = len(findings) - errors
    sys.stdout.write(f"{options.file}: {errors} errors, {warnings} warnings\n")
    return EXIT_FOUND if errors else EXIT_CLEAN


def _diff(options: argparse.Namespace, schema: AnnotatedSchema) -> int:
    before, after = _read(options.before), _read(options.after)
    if options.format == "json-patch":
        sys.stdout.write(writing.write(patch(before, after, schema)))
        return EXIT_CLEAN
    changes = diff(before, after, schema)
    if options.format == "json":
        sys.stdout.write(writing.write([change.as_json() for change in changes]))
    elif options.format == "html":
        sys.stdout.write(rendering.html(changes, f"{options.before.name} → {options.after.name}"))
    else:
        sys.stdout.writelines(f"{line}\n" for line in rendering.sentences(changes))
    return EXIT_CLEAN


def _merge(options: argparse.Namespace, schema: AnnotatedSchema) -> int:
    base, mine, theirs = _read(options.base), _read(options.mine), _read(options.theirs)
    result = merge(base, mine, theirs, schema, prefer=options.resolve or "mine")
    if options.output is not None:
        _replace(options.output, writing.write(result.merged, schema))
    told = result.as_json()
    told["merged"] = writing.arrange(told["merged"], schema.root)
    sys.stdout.write(writing.write(told))
    return EXIT_CLEAN if result.clean else EXIT_FOUND


def _replace(path: Path, text: str) -> None:
    """Write the file whole or not at all."""
    try:
        with tempfile.NamedTemporaryFile(
            "w", dir=path.parent, delete=False, encoding="utf-8", newline=""
        ) as file:
            file.write(text)
        if path.exists():
            Path(file.name).chmod(path.stat().st_mode & 0o777)
        Path(file.name).replace(path)
    except OSError as error:
        raise _BadInput(f"{path}: error: {error.strerror or error}") from error


def _printable(text: str) -> str:
    return "".join(letter if letter.isprintable() else f"\\u{ord(letter):04x}" for letter in text)
