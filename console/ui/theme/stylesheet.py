"""The one style sheet, made from tokens. Widgets name their part by object names and properties."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from string import Template

from console.ui.theme.tokens import RADIUS, TITLE_POINTS, Tokens

_SHEET = Template("""
* { outline: none; }
QWidget { color: $text; }
QMainWindow, #ground { background: $ground; }
#surface { background: $surface; }
#raised { background: $raised; border-radius: ${radius}px; }
QToolTip { background: $raised; color: $text; border: 1px solid $border; padding: 4px 6px; }
QLabel[part="muted"], QLabel[part="section"], ElidedLabel[part="muted"] { color: $muted; }
QLabel[part="grave"] { color: $grave; }
QLabel[part="notable"] { color: $notable; }
QLabel[part="serious"] { color: $serious; }
QLabel[part="good"] { color: $good; }
QLabel[part="link"] { color: $accent; }
QLabel[part="key"] {
    color: $muted; background: $ground; border: 1px solid $border; border-radius: 4px; padding: 0 5px;
}
QLabel[part="chip"] { color: $text; background: $surface; border-radius: 9px; padding: 2px 8px; }
QLabel[part="tile"] { color: $accent; background: $selected; border-radius: ${radius}px; }
QLabel[part="notice"] { background: $selected; border-radius: ${radius}px; padding: 6px 10px; }
QFrame[part="line"] { background: $border; border: none; }

QPushButton {
    background: $surface; border: 1px solid $border; border-radius: ${radius}px;
    padding: 5px 12px; min-height: 20px;
}
QPushButton:hover { background: $raised; }
QPushButton:pressed { background: $selected; }
QPushButton:focus { border: 1px solid $focus; }
QPushButton:disabled { color: $muted; background: $ground; border-color: $border; }
QPushButton[part="main"] { background: $accent; color: $on_accent; border-color: $accent; }
QPushButton[part="main"]:hover { background: $accent; border-color: $text; }
QPushButton[part="main"]:focus { border: 2px solid $text; }
QPushButton[part="main"]:disabled { background: $raised; color: $muted; border-color: $border; }
QPushButton[part="pill"] { background: $selected; color: $accent; border-color: transparent;
    border-radius: 9px; padding: 1px 9px; }
QPushButton[part="pill"]:hover, QPushButton[part="pill"]:focus { border-color: $accent; }
QPushButton[part="quiet"] { background: transparent; border-color: transparent; padding: 3px 8px; }
QPushButton[part="quiet"]:hover { background: $raised; }
QPushButton[part="quiet"]:checked { background: $selected; color: $accent; }
QPushButton[part="quiet"]:disabled { color: $muted; background: transparent; }
QPushButton[part="quiet"]:focus { border: 1px solid $focus; }
QPushButton[part="segment"] { border-radius: 0; margin-left: -1px; padding: 3px 12px; }
QPushButton[part="segment"][place="first"] {
    border-top-left-radius: ${radius}px; border-bottom-left-radius: ${radius}px; margin-left: 0;
}
QPushButton[part="segment"][place="last"] {
    border-top-right-radius: ${radius}px; border-bottom-right-radius: ${radius}px;
}
QPushButton[part="segment"]:checked { background: $selected; color: $accent; }
QPushButton[part="chip"] {
    background: transparent; color: $muted; border: 1px dashed $muted; border-radius: 11px; padding: 1px 10px;
}
QPushButton[part="chip"]:hover { color: $text; background: $raised; }
QPushButton[part="chip"]:focus { border: 1px solid $focus; color: $text; }
QPushButton[part="row"] { background: $surface; text-align: left; min-height: 26px; padding: 0; }
QPushButton[part="row"]:hover { background: $raised; }
QToolButton[part="quiet"] {
    background: transparent; color: $muted; border: none; border-radius: 4px; padding: 0 4px;
}
QToolButton[part="quiet"]:hover { background: $raised; color: $text; }
QFrame[part="card"] { background: $ground; border: 1px solid $border; border-radius: ${radius}px; }
ElidedLabel[part="heading"] { font-weight: 600; }
ElidedLabel[part="title"] { font-size: ${title}pt; font-weight: 600; }
QLabel[part="banner"] { background: $raised; color: $notable; padding: 8px 16px; }
QPushButton[part="link"] { background: transparent; border-color: transparent; padding: 0;
    min-height: 18px; color: $accent; text-align: left; }
QPushButton[part="link"]:hover { text-decoration: underline; }
QPushButton[part="link"]:focus { border: 1px solid $focus; }
QPushButton[part="like"] {
    background: transparent; border-color: transparent; padding: 1px 4px; text-align: left; color: $notable;
}
QPushButton[part="like"]:hover, QPushButton[part="like"]:focus { border-color: $notable; }
QPushButton[part="verb"] { padding: 0; min-height: 0; }
QPushButton[part="verb"][destructive="true"]:hover,
QPushButton[part="verb"][armed="true"][destructive="true"] { color: $grave; border-color: $grave; }
QPushButton[part="verb"][armed="true"] { border-color: $accent; background: $selected; }

QLineEdit, QPlainTextEdit, QTextEdit, QComboBox {
    background: $surface; border: 1px solid $border; border-radius: ${radius}px; padding: 5px 8px;
    selection-background-color: $accent; selection-color: $on_accent; placeholder-text-color: $muted;
}
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QComboBox:focus { border: 1px solid $focus; }
QLineEdit:disabled, QPlainTextEdit:disabled, QComboBox:disabled { color: $muted; background: $ground; }
QPlainTextEdit[part="prose"] { border: 1px solid transparent; background: transparent; padding: 0; }
QPlainTextEdit[part="prose"]:focus { border: 1px solid $focus; }
QComboBox { padding-right: 2px; }
QComboBox::drop-down { border: none; width: 18px; }
QComboBox::down-arrow { image: url("$icons/chevron.svg"); width: 12px; height: 12px; }
QComboBox QAbstractItemView {
    background: $surface; border: 1px solid $border;
    selection-background-color: $selected; selection-color: $text;
}

QListView, QTreeView, QTableView {
    background: $surface; border: none; selection-background-color: $selected; selection-color: $text;
}
QListView:focus, QTreeView:focus { border: none; }
#topics { selection-background-color: transparent; show-decoration-selected: 0; }
#topics::item, #topics::item:selected, #topics::item:hover { background: transparent; border: none; }
QListWidget::item { padding: 4px 6px; border-radius: 4px; }
QListWidget::item:selected { background: $selected; color: $text; }
#questions::item { padding: 5px 8px; margin: 1px 8px; }
#choices { background: $surface; border: 1px solid $border; padding: 4px; }
#choices::item { padding: 4px 8px; border-radius: 4px; }
#choices::item:selected { background: $selected; color: $text; }
#navigation { background: $ground; }
#navigation::item { border-radius: ${radius}px; padding: 0 8px; margin: 1px 8px; }
#sheets { padding: 8px 4px; }
#sheet::item { padding: 0 8px; }
#sheet::item:selected { background: $selected; color: $text; }
QHeaderView::section { background: $surface; color: $muted; border: none; padding: 4px 8px; }
QHeaderView::up-arrow, QHeaderView::down-arrow {
    subcontrol-position: center left; width: 8px; height: 8px; left: 4px;
}

QScrollArea, #page { border: none; background: $surface; }
QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar::handle:vertical { background: $border; border-radius: 4px; min-height: 32px; margin: 1px 2px; }
QScrollBar::handle:vertical:hover { background: $muted; }
QScrollBar:horizontal { background: transparent; height: 10px; }
QScrollBar::handle:horizontal { background: $border; border-radius: 4px; min-width: 32px; margin: 2px 1px; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }

QSplitter::handle { background: $border; }
QSplitter::handle:hover { background: $accent; }
QMenuBar { background: $ground; padding: 2px 6px; }
QMenuBar::item { padding: 3px 8px; border-radius: 4px; background: transparent; }
QMenuBar::item:selected { background: $raised; }
QMenu { background: $surface; border: 1px solid $border; padding: 4px; }
QMenu::item { padding: 5px 28px 5px 12px; border-radius: 4px; }
QMenu::item:selected { background: $selected; }
QMenu::item:disabled { color: $muted; }
QMenu::separator { height: 1px; background: $border; margin: 4px 8px; }

#status { background: $ground; border-top: 1px solid $border; }
#toast { background: $raised; border: 1px solid $border; border-radius: ${radius}px; }
#toast[level="unavailable"], #toast[level="stale"] { border: 1px solid $notable; }
#toast[level="refused"], #toast[level="problem"] { border: 1px solid $serious; }
#toast[level="bug"] { border: 1px solid $grave; }
#overlay { background: $surface; border: 1px solid $border; border-radius: 10px; }
#decisions { background: $surface; border-top: 1px solid $border; }
#card { background: $surface; border: 1px solid $border; border-radius: 10px; }
#banner { background: $selected; border: none; border-bottom: 1px solid $border; }
#banner[level="problem"] { background: $gone; }
#side { background: $ground; border: 1px solid $border; border-radius: ${radius}px; }
#side[chosen="true"] { border: 1px solid $accent; }
QProgressBar { background: $raised; border: none; border-radius: 3px; max-height: 6px; }
QProgressBar::chunk { background: $accent; border-radius: 3px; }
QSlider::groove:horizontal { background: $border; height: 4px; border-radius: 2px; }
QSlider::sub-page:horizontal { background: $muted; border-radius: 2px; }
QSlider::handle:horizontal { background: $muted; width: 12px; margin: -4px 0; border-radius: 6px; }
QSlider::handle:horizontal:hover, QSlider::handle:horizontal:focus { background: $accent; }
QLabel[part="float"] {
    color: $text; background: $surface; border: 1px solid $border; border-radius: 6px; padding: 4px 8px;
}
QCheckBox { spacing: 8px; }
QCheckBox::indicator {
    width: 14px; height: 14px; border: 1px solid $muted; border-radius: 4px; background: $surface;
}
QCheckBox::indicator:checked {
    background: $accent; border-color: $accent; image: url("$icons/check-$name.svg");
}
QCheckBox:focus { color: $accent; }
QCheckBox::indicator:focus { border: 2px solid $focus; width: 12px; height: 12px; }
""")


def stylesheet(tokens: Tokens) -> str:
    """The style sheet of one theme."""
    colours = {name: getattr(tokens, name) for name in Tokens.__dataclass_fields__}
    # A style sheet takes pictures by path only, in the colours they were drawn in.
    icons = Path(str(files("resources") / "icons")).as_posix()
    return _SHEET.substitute(colours, radius=RADIUS, title=TITLE_POINTS, icons=icons)
