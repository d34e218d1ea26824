"""Topics that may be the same as another: found by name, slug and description, ranked, with the reason."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from rapidfuzz import fuzz, process

from console.domain.curation import Topic
from console.domain.slugs import slug_of

SPELT_ALIKE = 82
"""Of 100 that the letters of two names must agree in; below it most pairs have nothing in common."""
DESCRIBED_ALIKE = 80
SHORTEST_DESCRIPTION = 24
"""Characters below which two descriptions are alike by chance."""
_MARKS = re.compile("[\u0300-\u036f]")
_WORD = re.compile(r"[^\W_]+")
_KEEPS_S = ("ss", "us", "is")
_TAKES_ES = ("ses", "xes", "zes", "ches", "shes")


@dataclass(frozen=True, slots=True)
class Likeness:
    """A topic that is like what was asked for. `score` is 1 to 100, `reason` a few words."""

    topic: Topic
    score: int
    reason: str


@dataclass(frozen=True, slots=True)
class _Name:
    """A name at each step of forgetting: letter case, accents, plural, the order of words."""

    folded: str
    bare: str
    ordered: str
    spoken: str
    singular: str
    words: frozenset[str]

    @classmethod
    def of(cls, name: str) -> _Name:
        folded = " ".join(_WORD.findall(unicodedata.normalize("NFC", name).casefold()))
        bare = _bare(name)
        words = bare.split()
        singulars = [_singular(word) for word in words]
        ordered = " ".join(sorted(words))
        return cls(
            folded, bare, ordered, " ".join(singulars), " ".join(sorted(singulars)), frozenset(singulars)
        )


class TopicIndex:
    """Topics prepared for many questions. Attributes: `topics`, as they were given."""

    def __init__(self, topics: Sequence[Topic]) -> None:
        self.topics = tuple(topics)
        self._names = [_Name.of(topic.name) for topic in topics]
        # A letter that is wrong at the beginning of a word may put it elsewhere in the alphabet: both orders.
        self._spelt = [[name.spoken for name in self._names], [name.singular for name in self._names]]
        self._described = [_description(topic.description) for topic in topics]
        self._by_key: defaultdict[str, list[int]] = defaultdict(list)
        self._by_slug: defaultdict[str, list[int]] = defaultdict(list)
        self._by_word: defaultdict[str, list[int]] = defaultdict(list)
        for place, (topic, name) in enumerate(zip(topics, self._names, strict=True)):
            self._by_key[name.singular].append(place)
            self._by_slug[topic.slug].append(place)
            for word in name.words:
                self._by_word[word].append(place)

    def like(
        self, name: str, description: str = "", *, but: UUID | None = None, limit: int = 5
    ) -> tuple[Likeness, ...]:
        """The topics most like this name and description, best first, without the topic `but`."""
        wanted = _Name.of(name)
        found: dict[int, tuple[int, str]] = {}

        def note(place: int, score: float, reason: str) -> None:
            if self.topics[place].id != but and found.get(place, (0, ""))[0] < score:
                found[place] = (round(score), reason)

        if wanted.singular:
            for place in self._by_key.get(wanted.singular, ()):
                note(place, *_same(wanted, self._names[place], name, self.topics[place].name))
            for place in self._by_slug.get(slug_of(name), ()):
                note(place, 93, "The same slug")
            for place in self._containing(wanted):
                note(place, *_part(wanted, self._names[place]))
            for asked, spelt in zip((wanted.spoken, wanted.singular), self._spelt, strict=True):
                for _, score, place in process.extract(
                    asked, spelt, scorer=fuzz.ratio, score_cutoff=SPELT_ALIKE, limit=4 * limit
                ):
                    note(place, score - 8, f"Spelt alike ({round(score)} %)")
        told = _description(description)
        if told:
            for _, score, place in process.extract(
                told, self._described, scorer=fuzz.ratio, score_cutoff=DESCRIBED_ALIKE, limit=4 * limit
            ):
                note(place, score - 15, f"Described alike ({round(score)} %)")
        ranked = sorted(found.items(), key=lambda each: (-each[1][0], self.topics[each[0]].name))
        return tuple(Likeness(self.topics[place], score, reason) for place, (score, reason) in ranked[:limit])

    def _containing(self, wanted: _Name) -> Iterable[int]:
        """Those that have every word of the name, or only words of it."""
        shared: defaultdict[int, int] = defaultdict(int)
        for word in wanted.words:
            for place in self._by_word.get(word, ()):
                shared[place] += 1
        for place, count in shared.items():
            if count in {len(wanted.words), len(self._names[place].words)}:
                yield place


def _same(wanted: _Name, known: _Name, name: str, other: str) -> tuple[int, str]:
    if name.strip() == other.strip():
        return 100, "The same name"
    if wanted.folded == known.folded:
        return 99, "The same but for case or punctuation"
    if wanted.bare == known.bare:
        return 98, "The same but for accents"
    if wanted.ordered == known.ordered:
        return 96, "The same words in another order"
    return 95, "The same in singular and plural"


def _part(wanted: _Name, known: _Name) -> tuple[int, str]:
    """One name is a part of the other: the more of it, the more alike."""
    shorter, longer = sorted((wanted, known), key=lambda each: len(each.words))
    score = 50 + 40 * len(shorter.words) / len(longer.words)
    return round(score), "A part of its name" if shorter is wanted else "It is a part of this name"


def _bare(text: str) -> str:
    """Small letters without accents, words parted by single spaces."""
    return " ".join(_WORD.findall(_MARKS.sub("", unicodedata.normalize("NFKD", text)).casefold()))


def _singular(word: str) -> str:
    """An English word without the ending of its plural."""
    if len(word) <= 3 or not word.endswith("s") or word.endswith(_KEEPS_S):
        return word
    if word.endswith("ies") and len(word) > 4:
        return f"{word[:-3]}y"
    return word[:-2] if word.endswith(_TAKES_ES) else word[:-1]


def _description(text: str) -> str:
    """What of a description is compared; nothing of one that is too short."""
    words = _bare(text[:400])
    return words if len(words) >= SHORTEST_DESCRIPTION else ""
