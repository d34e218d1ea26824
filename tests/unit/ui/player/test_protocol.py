"""Messages between the console and the player's process."""

from __future__ import annotations

import pytest

from console.ui.player.protocol import Beat, Described, Load, Track, decode, encode


def test_messages_come_back_as_they_went() -> None:
    load = Load(1, 7, "http://127.0.0.1:1/a/0.m3u8", 1.5, True, 2.0, 720)
    told = Described(0, 7, 4.0, 0.04, 1.0, (Track(1, "Ton ⟨1⟩\n"),), (), 1, -1)
    for message in (load, told, Beat((0.5, 0.0), (3, 0))):
        line = encode(message)
        assert line.count(b"\n") == 1
        assert decode(line) == message


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"not json",
        b"[]",
        b'["Eval", {}]',
        b'["Play", {}]',
        b'["Play", {"deck": "0"}]',
        b'["Play", {"deck": true}]',
        b'["Play", {"deck": 0, "more": 1}]',
        b'["Beat", {"times": 1, "lost": []}]',
    ],
)
def test_anything_else_is_refused(line: bytes) -> None:
    with pytest.raises(ValueError, match=r"not"):
        decode(line)
