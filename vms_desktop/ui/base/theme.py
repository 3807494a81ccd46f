"""The two palettes and what is made of them: Qt's palette, the style sheet, the font.

Green, amber, red, grey and blue mean live, motion, recording, not connected and
selected, and are used for nothing else.
"""

from dataclasses import asdict, dataclass
from enum import StrEnum
from string import Template

from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication, QStyleFactory

from vms_desktop.resources import icon_path, style_sheet

TEXT_PX = 13


class Tone(StrEnum):
    """The colours that every theme has, by the names of its fields."""

    WINDOW = "window"
    PANEL = "panel"
    RAISED = "raised"
    LINE = "line"
    TEXT = "text"
    MUTED = "muted"
    BLUE = "blue"
    GREEN = "green"
    RED = "red"
    AMBER = "amber"
    GREY = "grey"
    RAIL = "rail"
    CHOSEN = "chosen"
    ON_BLUE = "on_blue"


@dataclass(frozen=True, slots=True)
class Theme:
    """The colours of one theme, as `#rrggbb`."""

    name: str
    window: str
    panel: str
    raised: str
    line: str
    text: str
    muted: str
    blue: str
    green: str
    red: str
    amber: str
    grey: str
    rail: str
    chosen: str
    on_blue: str

    def colour(self, tone: Tone) -> QColor:
        """One of the colours, as it is painted with."""
        return QColor(getattr(self, tone))


DARK_THEME = Theme(
    name="dark",
    window="#0e1116",
    panel="#151a21",
    raised="#1b212a",
    line="#262e39",
    text="#e6eaf0",
    muted="#8b96a5",
    blue="#4c9be8",
    green="#3fb27f",
    red="#e5484d",
    amber="#f5a524",
    grey="#6b7785",
    rail="#0a0d11",
    chosen="#1d3347",
    on_blue="#0b1118",
)
LIGHT = Theme(
    name="light",
    window="#eef1f5",
    panel="#ffffff",
    raised="#f4f6f9",
    line="#d5dbe3",
    text="#1b232d",
    muted="#5b6776",
    blue="#1f6fc4",
    green="#1f8a5b",
    red="#c8262c",
    amber="#b36b00",
    grey="#76828f",
    rail="#ffffff",
    chosen="#dbe9f8",
    on_blue="#ffffff",
)
THEMES = {theme.name: theme for theme in (DARK_THEME, LIGHT)}

_ROLES = {
    QPalette.ColorRole.Window: Tone.WINDOW,
    QPalette.ColorRole.Base: Tone.PANEL,
    QPalette.ColorRole.AlternateBase: Tone.RAISED,
    QPalette.ColorRole.Button: Tone.RAISED,
    QPalette.ColorRole.ToolTipBase: Tone.RAISED,
    QPalette.ColorRole.WindowText: Tone.TEXT,
    QPalette.ColorRole.Text: Tone.TEXT,
    QPalette.ColorRole.ButtonText: Tone.TEXT,
    QPalette.ColorRole.ToolTipText: Tone.TEXT,
    QPalette.ColorRole.BrightText: Tone.TEXT,
    QPalette.ColorRole.PlaceholderText: Tone.MUTED,
    QPalette.ColorRole.Highlight: Tone.BLUE,
    QPalette.ColorRole.HighlightedText: Tone.ON_BLUE,
    QPalette.ColorRole.Link: Tone.BLUE,
    QPalette.ColorRole.Mid: Tone.LINE,
    QPalette.ColorRole.Midlight: Tone.LINE,
    QPalette.ColorRole.Dark: Tone.LINE,
    QPalette.ColorRole.Light: Tone.RAISED,
    QPalette.ColorRole.Shadow: Tone.RAIL,
}
_GREYED = (
    QPalette.ColorRole.WindowText,
    QPalette.ColorRole.Text,
    QPalette.ColorRole.ButtonText,
)


def theme_named(name: str) -> Theme:
    """The theme of that name; dark for a name that is unknown."""
    return THEMES.get(name, DARK_THEME)


def apply_theme(application: QApplication, theme: Theme) -> None:
    """Dress the whole program; costly, and so not done twice."""
    sheet = filled_style_sheet(theme)
    if application.styleSheet() == sheet:
        return
    application.setStyle(QStyleFactory.create("Fusion"))
    application.setFont(text_font())
    application.setPalette(palette(theme))
    application.setStyleSheet(sheet)


def palette(theme: Theme) -> QPalette:
    """The colours as Qt's own painting takes them."""
    made = QPalette()
    for role, tone in _ROLES.items():
        made.setColor(role, theme.colour(tone))
    for role in _GREYED:
        made.setColor(QPalette.ColorGroup.Disabled, role, theme.colour(Tone.MUTED))
    return made


def filled_style_sheet(theme: Theme) -> str:
    """The style sheet in the theme's colours; `$icon_x` is the address of an icon.

    Raises:
        KeyError: The sheet uses a token that no theme has.
    """
    marks = {
        f"icon_{name}": icon_path(f"{name}_{theme.name}").as_posix() for name in ("check", "down")
    }
    return Template(style_sheet()).substitute(asdict(theme) | marks)


def text_font() -> QFont:
    """Inter where it is installed, the system's own font elsewhere, at 13 px."""
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)
    if "Inter" in QFontDatabase.families():
        font = QFont("Inter")
    font.setPixelSize(TEXT_PX)
    return font


def resized_font(font: QFont, pixels: int, *, bold: bool = False) -> QFont:
    """The same font at another size."""
    other = QFont(font)
    other.setPixelSize(pixels)
    other.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
    return other
