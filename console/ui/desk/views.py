"""The widgets of the desk."""

from __future__ import annotations

from dataclasses import dataclass

from console.ui.deciding.bar import DecisionBar
from console.ui.deciding.reasons import ReasonPanel
from console.ui.desk.inspector import Inspector
from console.ui.desk.list_pane import ListPane


@dataclass(frozen=True, slots=True)
class DeskViews:
    """The widgets a desk drives."""

    list: ListPane
    inspector: Inspector
    bar: DecisionBar
    reasons: ReasonPanel
