"""The actions of the window, each with its words and its key.

Menus, buttons, shortcuts and the list of keys (F1) are made from these actions,
so that none can differ from another.
"""

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from vms_desktop.ui.base import icons
from vms_desktop.ui.base.pages import PageKey
from vms_desktop.ui.base.playback_actions import PlaybackActions
from vms_desktop.ui.base.theme import Theme


class Actions(QObject):
    """The actions of the window.

    Attributes:
        all: Every action; they also work while no menu shows them.
        playback: Those of the Playback page.
        pages: The action that shows each page, by the page's key.
    """

    def __init__(self, theme: Theme, parent: QObject) -> None:
        super().__init__(parent)
        self._theme = theme
        self.all: list[QAction] = []
        self._of_page: dict[PageKey, list[QAction]] = {}
        self._make_pages()
        self._make_live()
        self._make_playback()
        self._make_archives()
        self._make_cameras()
        self._make_program()

    def add_to(self, widget: QWidget) -> None:
        """Let the shortcuts work wherever the focus is in this window.

        Not Enter: lists and buttons have a use of their own for it.
        """
        of_lists = Qt.ShortcutContext.WidgetShortcut
        widget.addActions([each for each in self.all if each.shortcutContext() is not of_lists])

    def show_for(self, page: PageKey) -> None:
        """Let those actions work that belong to this page or to all of them."""
        for key, actions in self._of_page.items():
            for action in actions:
                action.setVisible(key == page)

    def of_page(self, page: PageKey) -> list[QAction]:
        """The actions that work while this page is shown, and on no other."""
        return self._of_page[page]

    def set_full_screen(self, full: bool) -> None:
        """Say what F11 does next."""
        self.full_screen.setText(self.tr("Leave full screen") if full else self.tr("Full screen"))
        _tell_key(self.full_screen)

    def set_muted(self, muted: bool) -> None:
        """Say what M does next."""
        for mute in (self.mute, self.playback.mute):
            mute.setText(self.tr("Sound on") if muted else self.tr("Sound off"))
            mute.setIcon(icons.icon("muted" if muted else "sound", self._theme))
            _tell_key(mute)

    def _make_pages(self) -> None:
        self.pages = {
            PageKey.LIVE: self._action(self.tr("Live"), "Ctrl+1", icon="live"),
            PageKey.PLAYBACK: self._action(self.tr("Playback"), "Ctrl+2", icon="playback"),
            PageKey.ARCHIVES: self._action(self.tr("Archives"), "Ctrl+3", icon="archive"),
            PageKey.CAMERAS: self._action(self.tr("Cameras"), "Ctrl+4", icon="camera"),
        }

    def _make_live(self) -> None:
        first = len(self.all)
        self.alone = self._action(self.tr("Show alone"), "Enter", "Return", icon="camera")
        self.alone.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        self.snapshot = self._action(self.tr("Snapshot"), "Ctrl+S", icon="snapshot")
        self.record = self._action(self.tr("Record now"), "R", icon="record")
        self.pause = self._action(self.tr("Pause"), "P", icon="pause")
        self.mute = self._action(self.tr("Sound on"), "M", icon="muted")
        self.zoom_in = self._action(self.tr("Zoom in"), "Ctrl++", "Ctrl+=", "+", "=")
        self.zoom_out = self._action(self.tr("Zoom out"), "Ctrl+-", "-")
        self.zoom_reset = self._action(self.tr("Whole picture"), "Ctrl+0", "0")
        self.next_page = self._action(self.tr("Next cameras"), "PgDown", icon="right")
        self.previous_page = self._action(self.tr("Previous cameras"), "PgUp", icon="left")
        self.fill = self._action(self.tr("Fill tiles"), "F", checkable=True)
        self.events_panel = self._action(self.tr("Events panel"), "E", checkable=True)
        self.new_view = self._action(self.tr("New view…"), "Ctrl+G", icon="plus")
        self.choose = [self._choose(number) for number in range(1, 10)]
        self._of_page[PageKey.LIVE] = self.all[first:]

    def _make_playback(self) -> None:
        first = len(self.all)
        self.playback = PlaybackActions(self._action)
        self.playback.alone.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        self._of_page[PageKey.PLAYBACK] = self.all[first:]
        self.play_back = self._action(self.tr("Play back"), "B", icon="playback")
        self._of_page[PageKey.LIVE].append(self.play_back)

    def _make_archives(self) -> None:
        self.find_archived = self._action(self.tr("Search"), "Ctrl+F", icon="search")
        self._of_page[PageKey.ARCHIVES] = [self.find_archived]

    def _make_cameras(self) -> None:
        self.add_camera = self._action(self.tr("Add camera…"), "Ctrl+N", icon="plus")
        self.edit = self._action(self.tr("Edit…"), "F2", icon="edit")
        first = len(self.all)
        self.duplicate = self._action(self.tr("Duplicate…"), "Ctrl+D", icon="copy")
        self.delete = self._action(self.tr("Delete…"), "Del", icon="trash")
        self.delete.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        self.move_up = self._action(self.tr("Move up"), "Alt+Up", icon="up")
        self.move_down = self._action(self.tr("Move down"), "Alt+Down", icon="down")
        self.find = self._action(self.tr("Search"), "Ctrl+F", icon="search")
        self.import_cameras = self._action(self.tr("Import cameras…"), "Ctrl+I", icon="import")
        self.export_cameras = self._action(
            self.tr("Export cameras…"), "Ctrl+Shift+E", icon="export"
        )
        self._of_page[PageKey.CAMERAS] = self.all[first:]

    def _make_program(self) -> None:
        self.full_screen = self._action(self.tr("Full screen"), "F11", icon="full_screen")
        self.back = self._action(self.tr("Back"), "Esc")
        self.keys = self._action(self.tr("Keyboard shortcuts"), "F1")
        self.recordings = self._action(self.tr("Open recordings folder"), "Ctrl+O", icon="folder")
        self.about = self._action(self.tr("About"), "Shift+F1", icon="info")
        self.quit = self._action(self.tr("Quit"), "Ctrl+Q")

    def _choose(self, number: int) -> QAction:
        return self._action(self.tr("Choose camera {number}").format(number=number), str(number))

    def _action(self, text: str, *keys: str, icon: str = "", checkable: bool = False) -> QAction:
        action = QAction(text, self)
        action.setShortcuts([QKeySequence(key) for key in keys])
        action.setCheckable(checkable)
        if icon:
            action.setIcon(icons.icon(icon, self._theme))
        _tell_key(action)
        self.all.append(action)
        return action


def shortcut_words(action: QAction) -> str:
    """The action's first key as the system writes it."""
    key = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
    return f"{key[:-1]}−" if key.endswith("-") else key


def tooltip_with_key(text: str, action: QAction) -> str:
    """A tooltip that names the key."""
    return f"{text.rstrip('…')} ({shortcut_words(action)})"


def _tell_key(action: QAction) -> None:
    action.setToolTip(tooltip_with_key(action.text(), action))
