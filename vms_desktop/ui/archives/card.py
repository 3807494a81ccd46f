"""A card of the archives: a clip's picture, its comment, and what can be done with it."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QPushButton, QVBoxLayout, QWidget

from vms_desktop.core.index import ClipState, IndexedClip
from vms_desktop.ui.archives.comment_field import CommentField
from vms_desktop.ui.base import icons, open_path
from vms_desktop.ui.clips import ClipMarks, ClipPainter, clip_captions, clip_tick_place
from vms_desktop.ui.picture import Pill

if TYPE_CHECKING:
    from vms_desktop.ui.base import Theme
    from vms_desktop.ui.clips import ClipThumbnails

_PAD_PX = 10
_ARROWS = (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down)
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class CardPicture(QWidget):
    """The picture of a card; it has the card's keyboard.

    Attributes:
        is_selected: The card is.

    Signals:
        play_wanted, delete_wanted: Enter or a double click; Del.
        clicked: With these modifiers; a click on the tick counts as one with Ctrl.
        moved: An arrow (its key) leads to another card.
        menu_wanted: The context menu, at a place of the screen.
    """

    play_wanted = Signal()
    delete_wanted = Signal()
    clicked = Signal(object)
    moved = Signal(object)
    menu_wanted = Signal(QPoint)

    def __init__(
        self,
        clip: IndexedClip,
        thumbnails: "ClipThumbnails",
        painter: ClipPainter,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.is_selected = False
        self._clip = clip
        self._thumbnails = thumbnails
        self._painter = painter
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        thumbnails.loaded.connect(self.update)
        self.show_clip(clip)

    def show_clip(self, clip: IndexedClip) -> None:
        """Show a clip, or what is newly known of it."""
        self._clip = clip
        self.setToolTip(clip_captions.details(clip))
        self._tell()
        self.update()

    def set_selected(self, selected: bool) -> None:
        """Show whether the card is selected."""
        self.is_selected = selected
        self._tell()
        self.update()

    def _tell(self) -> None:
        selected = [self.tr("selected")] if self.is_selected else []
        self.setAccessibleName(", ".join([clip_captions.spoken(self._clip), *selected]))

    def paintEvent(self, event: QPaintEvent) -> None:
        room = self.rect().adjusted(3, 3, -3, -3)
        thumbnail = self._thumbnails.get(self._clip, round(room.width() * self.devicePixelRatioF()))
        when = clip_captions.time_and_length(self._clip)
        text = Pill(f"{{name}} · {when}", name=self._clip.camera_name)
        marks = ClipMarks(self.is_selected, self.is_selected, self.hasFocus())
        painter = QPainter(self)
        self._painter.paint(painter, room, self._clip, thumbnail, text, marks)
        painter.end()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in _ENTER:
            self.play_wanted.emit()
        elif key == Qt.Key.Key_Space:
            self.clicked.emit(Qt.KeyboardModifier.ControlModifier)
        elif key == Qt.Key.Key_Delete:
            self.delete_wanted.emit()
        elif key in _ARROWS:
            self.moved.emit(Qt.Key(key))
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is not Qt.MouseButton.LeftButton:
            return
        on_tick = clip_tick_place(self.rect().adjusted(3, 3, -3, -3)).contains(
            event.position().toPoint()
        )
        modifiers = Qt.KeyboardModifier.ControlModifier if on_tick else event.modifiers()
        self.clicked.emit(modifiers)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self.play_wanted.emit()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.menu_wanted.emit(event.globalPos())


class ArchiveCard(QFrame):
    """Shows an archived clip.

    Attributes:
        picture, comment: Its parts.
        clip: The clip that it shows.

    Signals:
        play_wanted, export_wanted, restore_wanted, delete_wanted: For its clip.
        commented: Another comment was written.
    """

    play_wanted = Signal()
    export_wanted = Signal()
    restore_wanted = Signal()
    delete_wanted = Signal()
    commented = Signal(str)

    def __init__(
        self,
        clip: IndexedClip,
        thumbnails: "ClipThumbnails",
        painter: ClipPainter,
        theme: "Theme",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("archiveCard")
        self.clip = clip
        self.picture = CardPicture(clip, thumbnails, painter)
        self.comment = CommentField()
        self._play = QPushButton(self.tr("Play"))
        self._export = QPushButton(self.tr("Export…"))
        self._more = self._made_more(theme)
        self._place()
        self._connect()
        self.show_clip(clip)

    def show_clip(self, clip: IndexedClip) -> None:
        """Show what is known of the clip now; a comment that is being written stays."""
        self.clip = clip
        self.picture.show_clip(clip)
        self.comment.show_text(clip.comment)
        can_play = clip.state is not ClipState.UNREADABLE
        self._play.setEnabled(can_play)
        self._export.setEnabled(can_play)

    def set_picture_height(self, height_px: int) -> None:
        """Give the picture this height."""
        self.picture.setFixedHeight(height_px)

    def tab_stops(self) -> tuple[QWidget, ...]:
        """The widgets that the keyboard goes through, in this order."""
        return self.picture, self.comment, self._play, self._export, self._more

    def _made_more(self, theme: "Theme") -> QPushButton:
        button = QPushButton(icons.icon("more", theme), "")
        button.setIconSize(QSize(16, 16))
        button.setAccessibleName(self.tr("More"))
        button.setToolTip(self.tr("Move back, show in folder, delete"))
        button.clicked.connect(
            lambda: self._show_menu(button.mapToGlobal(QPoint(0, button.height())))
        )
        return button

    def _place(self) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(6)
        for button in (self._play, self._export):
            buttons.addWidget(button)
        buttons.addStretch()
        buttons.addWidget(self._more)
        below = QVBoxLayout()
        below.setContentsMargins(_PAD_PX, 4, _PAD_PX, _PAD_PX)
        below.setSpacing(8)
        below.addWidget(self.comment)
        below.addLayout(buttons)
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 1, 1, 1)
        column.setSpacing(0)
        column.addWidget(self.picture)
        column.addLayout(below, 1)

    def _connect(self) -> None:
        picture = self.picture
        picture.play_wanted.connect(self._want_play)
        picture.delete_wanted.connect(self.delete_wanted)
        picture.menu_wanted.connect(self._show_menu)
        self._play.clicked.connect(self._want_play)
        self._export.clicked.connect(self.export_wanted)
        self.comment.written.connect(self.commented)

    def _want_play(self) -> None:
        if self._play.isEnabled():
            self.play_wanted.emit()

    def _show_menu(self, at: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for text, wanted in (
            (self.tr("Move back to the recordings"), self.restore_wanted.emit),
            (self.tr("Show in folder"), lambda: open_path(self.clip.path.parent)),
            (self.tr("Delete…"), self.delete_wanted.emit),
        ):
            menu.addAction(text, wanted)
        menu.popup(at)
