"""The row below the pictures: the time, its controls, speeds, what is done to a clip."""

from datetime import datetime

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction, QIcon, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QToolButton, QWidget

from vms_desktop.core.player import PlayState
from vms_desktop.ui.base import PlaybackActions, Theme, icons, tooltip_with_key, words
from vms_desktop.ui.playback.clip_words import milliseconds
from vms_desktop.ui.playback.speeds import SPEEDS, SpeedMenu, speed_word
from vms_desktop.ui.widgets import BarButton, Segments

HEIGHT_PX = 56
_LEAST_PX = 344
_BUTTON_PX, _MAIN_PX = 32, 40
# From this tightness on something makes room; the menu has whatever went away.
_ICONS_ONLY, _ONE_SPEED, _NO_SKIPS, _MENU, _NO_TIME = 1, 2, 3, 4, 5


class Transport(QWidget):
    """Shows where the player is and how it plays.

    Signals:
        speed_chosen: One of `SPEEDS`.
    """

    speed_chosen = Signal(float)

    def __init__(
        self, actions: PlaybackActions, theme: Theme, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("transport")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(HEIGHT_PX)
        self._actions = actions
        self._theme = theme
        self._tightness = 0
        self._time = QLabel()
        self._time.setObjectName("playedTime")
        self._time.setAccessibleName(self.tr("Time that is shown"))
        self._play = self._made_play(actions.play)
        self._reverse = self._round(actions.reverse)
        self._skips = [self._round(actions.skip_back), self._round(actions.skip_forward)]
        self._speeds = self._made_speeds()
        self._speed_menu = SpeedMenu(self)
        self._speed_menu.chosen.connect(self.speed_chosen)
        self._speed = self._menu_button(self._speed_menu, self.tr("Speed"))
        self._speed.setToolTip(self.tr("Speed (↑ ↓)"))
        self._more = self._made_more()
        self._worded = [BarButton(action, theme) for action in (actions.archive, actions.delete)]
        self._worded[1].setProperty("danger", True)
        self._row = QHBoxLayout(self)
        self._place()
        self.show_state(PlayState())
        self.show_time(None)

    def show_time(self, at: datetime | None) -> None:
        """Show the moment that is played; dashes where there is none."""
        if at is None:
            self._say_time("--:--:--")
            return
        quiet = self._theme.muted
        exact = f'<span style="color:{quiet};font-size:13px">{milliseconds(at)}</span>'
        self._say_time(f"{words.clock_time(at)}{exact}")

    def _say_time(self, text: str) -> None:
        before_px = self._time.sizeHint().width()
        self._time.setText(text)
        if self._time.sizeHint().width() > before_px:
            self._fit()

    def show_state(self, state: PlayState) -> None:
        """Show whether it plays, and which way."""
        backwards = state.is_playing and state.rate < 0
        name, action = "hold" if state.is_playing else "play", self._actions.play
        action.setText(self.tr("Pause") if state.is_playing else self.tr("Play"))
        action.setIcon(icons.icon(name, self._theme))
        action.setToolTip(tooltip_with_key(action.text(), action))
        self._play.setIcon(self._main_icon(name))
        self._play.setToolTip(action.toolTip())
        self._play.setAccessibleName(action.text())
        self._reverse.setProperty("on", backwards)
        self._reverse.style().polish(self._reverse)

    def show_speed(self, rate: float) -> None:
        """Show which speed is chosen."""
        self._speeds.choose(f"{rate:g}")
        self._speed_menu.show_speed(rate)
        self._speed.setText(speed_word(rate))

    def set_enabled(self, enabled: bool) -> None:
        """There is something to play that is seen, or not."""
        for action in self._actions.of_player:
            action.setEnabled(enabled)
        for control in (self._speeds, self._speed, self._speed_menu):
            control.setEnabled(enabled)

    def minimumSizeHint(self) -> QSize:
        """As tight as it can be: what it shows at the moment must not hold a splitter."""
        return QSize(_LEAST_PX, HEIGHT_PX)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._fit()  # Before, nothing was dressed, and the widths were others.

    def _fit(self) -> None:
        """Become only as tight as the width asks for, so that nothing is cut."""
        for tightness in range(_NO_TIME + 1):
            self._tighten(tightness)
            if self._row.minimumSize().width() <= self.width():
                break

    def _tighten(self, tightness: int) -> None:
        self._tightness = tightness
        for button in self._worded:
            button.set_worded(tightness < _ICONS_ONLY)
            button.setVisible(tightness < _MENU)
        for skip in self._skips:
            skip.setVisible(tightness < _NO_SKIPS)
        self._speeds.setVisible(tightness < _ONE_SPEED)
        self._speed.setVisible(_ONE_SPEED <= tightness < _MENU)
        self._more.setVisible(tightness >= _MENU)
        self._time.setVisible(tightness < _NO_TIME)
        self._row.invalidate()

    def _place(self) -> None:
        actions, row = self._actions, self._row
        row.setSizeConstraint(QHBoxLayout.SizeConstraint.SetNoConstraint)
        row.setContentsMargins(12, 0, 12, 0)
        row.setSpacing(6)
        row.addWidget(self._time)
        row.addStretch()
        back, forward = self._skips
        for widget in (
            self._round(actions.previous_clip), back, self._reverse, self._round(actions.back),
            self._play, self._round(actions.forward), forward, self._round(actions.next_clip),
        ):  # fmt: skip
            row.addWidget(widget)
        row.addSpacing(8)
        row.addWidget(self._speeds)
        row.addWidget(self._speed)
        row.addStretch()
        for button in (*self._worded, self._more):
            row.addWidget(button)

    def _made_button(self, size_px: int = _BUTTON_PX) -> QToolButton:
        button = QToolButton()
        button.setObjectName("roundButton")
        button.setMinimumSize(size_px, size_px)
        button.setIconSize(QSize(size_px // 2, size_px // 2))
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        return button

    def _round(self, action: QAction) -> QToolButton:
        button = self._made_button()
        button.setFixedSize(_BUTTON_PX, _BUTTON_PX)
        button.setDefaultAction(action)
        button.setAccessibleName(action.text())
        return button

    def _made_play(self, action: QAction) -> QToolButton:
        """The button in the middle; an icon of its own, since its ground is blue."""
        button = self._made_button(_MAIN_PX)
        button.setFixedSize(_MAIN_PX, _MAIN_PX)
        button.setProperty("main", True)
        button.clicked.connect(action.trigger)
        action.enabledChanged.connect(button.setEnabled)
        return button

    def _main_icon(self, name: str) -> QIcon:
        ratio, size_px = self.devicePixelRatioF(), _MAIN_PX // 2
        made = QIcon(icons.pixmap(name, self._theme.on_blue, size_px, ratio))
        greyed = icons.pixmap(name, self._theme.muted, size_px, ratio)
        made.addPixmap(greyed, QIcon.Mode.Disabled)
        return made

    def _menu_button(self, menu: QMenu, name: str) -> QToolButton:
        button = self._made_button()
        button.setProperty("menu", True)
        button.setAccessibleName(name)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setMenu(menu)
        return button

    def _made_more(self) -> QToolButton:
        """The menu of what has no place in the row."""
        actions, menu = self._actions, QMenu(self)
        menu.setToolTipsVisible(True)
        menu.addActions([actions.archive, actions.delete])
        menu.addSeparator()
        menu.addActions([actions.skip_back, actions.skip_forward])
        menu.addMenu(self._speed_menu)
        button = self._menu_button(menu, self.tr("More"))
        button.setText("»")
        button.setToolTip(", ".join(action.toolTip() for action in menu.actions()[:2]))
        return button

    def _made_speeds(self) -> Segments:
        made = Segments(self.tr("Speed"))
        made.setProperty("dense", True)
        for rate in SPEEDS:
            told = self.tr("Speed {rate} (↑ ↓)").format(rate=speed_word(rate))
            made.add(f"{rate:g}", speed_word(rate), told)
        made.chosen.connect(lambda key: self.speed_chosen.emit(float(key)))
        made.choose("1")
        return made
