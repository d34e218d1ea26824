"""A picture that says which segment and frame it is, and a tone that says which segment it belongs to."""

from __future__ import annotations

import math
from array import array
from collections.abc import Sequence
from typing import Any

import av

COLUMNS, ROWS = 8, 4
RATE = 44_100
_DARK, _BRIGHT, _GREY = 30, 220, 128


def draw_code(width: int, height: int, number: int, frame: int) -> Any:
    """A yuv420p `av.VideoFrame` with 8x4 blocks: segment (10 bits), frame (14 bits), checksum (8 bits)."""
    picture = av.VideoFrame(width, height, "yuv420p")
    bits = _bits(number, frame)
    luma = picture.planes[0]
    rows = []
    for row in range(ROWS):
        line = bytearray(luma.line_size)
        for column in range(COLUMNS):
            first, last = column * width // COLUMNS, (column + 1) * width // COLUMNS
            shade = _BRIGHT if bits[row * COLUMNS + column] else _DARK
            line[first:last] = bytes([shade]) * (last - first)
        rows.append(bytes(line) * ((row + 1) * height // ROWS - row * height // ROWS))
    luma.update(b"".join(rows))
    for plane in picture.planes[1:]:
        plane.update(bytes([_GREY]) * plane.buffer_size)
    return picture


def read_code(rgb: bytes, width: int, height: int) -> tuple[int, int] | None:
    """(segment, frame) of a packed RGB picture of any size, None where there is no whole code."""
    word = 0
    for row in range(ROWS):
        for column in range(COLUMNS):
            bright = 0
            for down in (2, 3, 4):
                for right in (2, 3, 4):
                    x = (column * 6 + right) * width // (COLUMNS * 6)
                    y = (row * 6 + down) * height // (ROWS * 6)
                    place = (y * width + x) * 3
                    bright += sum(rgb[place : place + 3])
            word = word << 1 | (bright > 9 * 3 * 125)
    number, frame = word >> 22, word >> 8 & 0x3FFF
    return (number, frame) if word & 0xFF == _checksum(number << 14 | frame) else None


def packed_rgb(frame: Any) -> bytes:
    """A decoded `av.VideoFrame` as `read_code` wants it: three bytes a pixel, no padding."""
    plane = frame.reformat(format="rgb24").planes[0]
    data, row = bytes(plane), frame.width * 3
    return b"".join(data[y * plane.line_size :][:row] for y in range(frame.height))


def pitch(number: int) -> int:
    """The tone of a segment in hertz: one of 16, 100 apart."""
    return 400 + 100 * (number % 16)


def draw_tone(number: int, first: int, samples: int) -> Any:
    """A mono `av.AudioFrame` (fltp, 44,100 Hz) of a segment's tone from its sample `first` on."""
    step = 2 * math.pi * pitch(number) / RATE
    frame = av.AudioFrame(format="fltp", layout="mono", samples=samples)
    wave = array("f", (0.3 * math.sin(step * (first + place)) for place in range(samples)))
    frame.planes[0].update(wave.tobytes().ljust(frame.planes[0].buffer_size, b"\0"))
    frame.sample_rate = RATE
    return frame


def read_tone(samples: Sequence[float], rate: int = RATE) -> int | None:
    """Which of the 16 pitches (`number % 16`) mono samples carry; None for silence. 2,048 samples suffice."""
    loudness = [_power(samples, pitch(number), rate) for number in range(16)]
    best = max(range(16), key=loudness.__getitem__)
    return best if loudness[best] > 1e-3 else None


def _power(samples: Sequence[float], hertz: int, rate: int) -> float:
    """The share of one frequency, by Goertzel's recurrence."""
    turn = 2 * math.cos(2 * math.pi * hertz / rate)
    before, last = 0.0, 0.0
    for sample in samples:
        before, last = last, sample + turn * last - before
    return (before**2 + last**2 - turn * before * last) / max(1, len(samples)) ** 2


def _bits(number: int, frame: int) -> list[bool]:
    if not (0 <= number < 1024 and 0 <= frame < 16384):
        raise ValueError(f"segment {number} or frame {frame} does not fit the code")
    word = number << 14 | frame
    word = word << 8 | _checksum(word)
    return [bool(word >> (31 - place) & 1) for place in range(32)]


def _checksum(word: int) -> int:
    """CRC-8 (polynomial 0x07) from 0x5A on, so that neither black nor white is a code."""
    crc = 0x5A
    for byte in word.to_bytes(3, "big"):
        crc ^= byte
        for _ in range(8):
            crc = (crc << 1 ^ (0x07 if crc & 0x80 else 0)) & 0xFF
    return crc
