"""Small pictures of segments: fetched, or taken from what was played; kept on disk within a bound."""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QObject, QSize, Qt, Signal
from PySide6.QtGui import QImage, QImageReader, QImageWriter, QPixmap

from console.domain.errors import GreenroomError, MediaProblem
from console.domain.scenes import SceneSegment
from console.domain.subjects import Subject
from console.media.cache import SegmentCache
from console.media.images import Images
from console.runtime.tasks import Tasks

SIZE = QSize(256, 144)
"""Pixels: the strip's picture at 200 %."""
QUALITY = 82
KEPT = 400
LARGEST_SIDE = 16_384
_VEIL = QSize(9, 5)


class Thumbnails(QObject):
    """Signals: `arrived(Subject)` when there is a picture of a segment, or another one.

    `images` is None where no media may be opened; `cache` holds pictures by segment and address.
    """

    arrived = Signal(object)

    def __init__(self, images: Images | None, cache: SegmentCache, tasks: Tasks) -> None:
        super().__init__()
        self._images, self._cache, self._tasks = images, cache, tasks
        self._pictures: OrderedDict[str, QImage] = OrderedDict()
        self._asked: set[str] = set()
        self._failed: dict[str, str] = {}

    def of(self, segment: SceneSegment, *, veiled: bool) -> QPixmap | None:
        """The picture, blurred and grey where `veiled`; None, and asked for, where it is not here yet."""
        name = _name(segment)
        picture = self._pictures.get(name)
        if picture is None:
            if name not in self._asked:
                self._asked.add(name)
                self._tasks.spawn(self._read(segment, name), "read a thumbnail", self)
            return None
        self._pictures.move_to_end(name)
        return QPixmap.fromImage(_veil(picture) if veiled else picture)

    def problem(self, segment: SceneSegment) -> str:
        """Why there is no picture; empty where nothing went wrong."""
        return self._failed.get(_name(segment), "")

    def lacking(self, segment: SceneSegment) -> bool:
        """Whether a picture taken by the player would be the only one."""
        name = _name(segment)
        return name in self._asked and name not in self._pictures

    def keep(self, segment: SceneSegment, frame: QImage) -> None:
        """A picture that the player showed stands for a segment that has no other."""
        if not frame.isNull():
            self._tasks.spawn(self._keep(segment, _name(segment), frame), "keep a thumbnail", self)

    async def _read(self, segment: SceneSegment, name: str) -> None:
        picture = await asyncio.to_thread(self._stored, name)
        if picture is None and segment.thumbnail_url and self._images is not None:
            try:
                fetched = await self._images.fetch(segment.thumbnail_url)
            except (MediaProblem, GreenroomError) as error:
                self._failed[name] = str(error)
            else:
                picture = await asyncio.to_thread(_decoded, fetched.data)
                if picture is None:
                    self._failed[name] = "The thumbnail is no picture that can be shown"
                else:
                    await asyncio.to_thread(self._store, name, picture)
        if picture is not None:
            self._remember(segment.subject, name, picture)

    async def _keep(self, segment: SceneSegment, name: str, frame: QImage) -> None:
        picture = await asyncio.to_thread(_scaled, frame)
        self._failed.pop(name, None)
        self._remember(segment.subject, name, picture)
        await asyncio.to_thread(self._store, name, picture)

    def _remember(self, subject: Subject, name: str, picture: QImage) -> None:
        self._pictures[name] = picture
        while len(self._pictures) > KEPT:
            gone, _ = self._pictures.popitem(last=False)
            self._asked.discard(gone)
        self.arrived.emit(subject)

    # In a thread

    def _stored(self, name: str) -> QImage | None:
        found = self._cache.open(name)
        if found is None:
            return None
        with found[0] as file:
            return _decoded(file.read())

    def _store(self, name: str, picture: QImage) -> None:
        buffer = QBuffer()
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        writer = QImageWriter(buffer, QByteArray(b"jpg"))
        writer.setQuality(QUALITY)
        writer.write(picture)
        try:
            with self._cache.write(name) as file:
                file.add(bytes(buffer.data().data()))
                file.finish()
        except OSError:
            # It is only read again the next time.
            return


def _name(segment: SceneSegment) -> str:
    """A name for the segment's picture as long as its media are the same."""
    what = repr((str(segment.subject.id), segment.thumbnail_url, segment.stream_url))
    return hashlib.sha256(what.encode()).hexdigest()[:40]


def _decoded(data: bytes) -> QImage | None:
    """The picture in the strip's size, decoded no larger than need be; None where it is none."""
    buffer = QBuffer()
    buffer.setData(QByteArray(data))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer)
    size = reader.size()
    if not size.isValid() or max(size.width(), size.height()) > LARGEST_SIDE:
        return None
    reader.setScaledSize(size.scaled(SIZE, Qt.AspectRatioMode.KeepAspectRatioByExpanding))
    picture = reader.read()
    return None if picture.isNull() else _scaled(picture)


def _scaled(picture: QImage) -> QImage:
    """Filled into the strip's size, the middle of it."""
    filled = picture.scaled(
        SIZE, Qt.AspectRatioMode.KeepAspectRatioByExpanding, Qt.TransformationMode.SmoothTransformation
    )
    left, top = (filled.width() - SIZE.width()) // 2, (filled.height() - SIZE.height()) // 2
    return filled.copy(left, top, SIZE.width(), SIZE.height()).convertToFormat(QImage.Format.Format_RGB32)


def _veil(picture: QImage) -> QImage:
    """Blurred beyond recognition, and grey."""
    smooth = Qt.TransformationMode.SmoothTransformation
    small = picture.scaled(_VEIL, Qt.AspectRatioMode.IgnoreAspectRatio, smooth)
    large = small.scaled(SIZE, Qt.AspectRatioMode.IgnoreAspectRatio, smooth)
    return large.convertToFormat(QImage.Format.Format_Grayscale8)
