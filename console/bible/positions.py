"""Where each value of a valid text stands: from a pointer to line and column, kept current while typing."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache

import tree_sitter_json
from tree_sitter import Language, Node, Parser, Tree


@cache
def _parser() -> Parser:
    return Parser(Language(tree_sitter_json.language()))


class PositionIndex:
    """The places of one text. Lines and columns count from 1, columns in characters."""

    def __init__(self, text: str) -> None:
        self._bytes = text.encode()
        self._tree: Tree = _parser().parse(self._bytes)

    def edit(self, start: int, removed: int, added: str, text: str) -> None:
        """The text became `text`: at `start`, `removed` characters went and `added` came."""
        begin = len(text[:start].encode())
        new_end = begin + len(added.encode())
        # What follows the change is the same before and after, so its length tells where the old part ended.
        new_bytes = text.encode()
        old_end = len(self._bytes) - (len(new_bytes) - new_end)
        if removed < 0 or old_end < begin:
            raise ValueError("The edit does not lead from the text before to this one.")
        self._tree.edit(
            begin,
            old_end,
            new_end,
            self._point(self._bytes, begin),
            self._point(self._bytes, old_end),
            self._point(new_bytes, new_end),
        )
        self._bytes = new_bytes
        self._tree = _parser().parse(new_bytes, self._tree)

    @staticmethod
    def _point(text: bytes, at: int) -> tuple[int, int]:
        return text.count(b"\n", 0, at), at - (text.rfind(b"\n", 0, at) + 1)

    def locate(self, tokens: Iterable[str | int], *, key: bool = False) -> tuple[int, int]:
        """Line and column of the value at a place (of its key with `key`), or of what would hold it."""
        node = next((child for child in self._tree.root_node.named_children), None)
        if node is None:
            return 1, 1
        at = node
        for token in tokens:
            found = _member(node, str(token)) if node.type == "object" else _element(node, token)
            if found is None:
                break
            at, node = (found if key else found.child_by_field_name("value") or found), _value(found)
        return self._position(at)

    def _position(self, node: Node) -> tuple[int, int]:
        start = self._bytes.rfind(b"\n", 0, node.start_byte) + 1
        return node.start_point[0] + 1, len(self._bytes[start : node.start_byte].decode()) + 1

    def pointer_at(self, offset: int) -> tuple[str | int, ...]:
        """The tokens of the innermost value around the `offset`th character of the text."""
        at = len(self._bytes.decode()[:offset].encode())
        node = self._tree.root_node.descendant_for_byte_range(at, at)
        tokens: list[str | int] = []
        while node is not None and node.parent is not None:
            parent = node.parent
            if node.type == "pair":
                tokens.append(_key(node))
            elif parent.type == "array" and node.is_named:
                tokens.append([child.id for child in parent.named_children].index(node.id))
            node = parent
        return tuple(reversed(tokens))


def _value(node: Node) -> Node:
    return (node.child_by_field_name("value") or node) if node.type == "pair" else node


def _key(pair: Node) -> str:
    name = pair.child_by_field_name("key")
    return str(json.loads(name.text or b'""')) if name is not None else ""


def _member(node: Node, name: str) -> Node | None:
    found = None
    for pair in node.named_children:
        if pair.type == "pair" and _key(pair) == name:
            found = pair
    return found


def _element(node: Node, index: str | int) -> Node | None:
    if node.type != "array" or not str(index).isdecimal():
        return None
    parts = [child for child in node.named_children if child.type != "comment"]
    return parts[int(index)] if int(index) < len(parts) else None
