"""What the platform `scenes` says about its subjects, queues and verbs; the console adds nothing to it."""

from __future__ import annotations

from console.domain.queues import Platform
from db.platforms.scenes.kinds import KINDS
from db.platforms.scenes.queues import QUEUES
from db.platforms.scenes.verbs import CURATION

SCENES = Platform("scenes", "Scenes", KINDS, QUEUES, CURATION)
