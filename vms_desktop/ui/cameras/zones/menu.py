"""The menu that a right click on a picture with areas opens."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu

from vms_desktop.core.config import Zone, ZoneKind
from vms_desktop.ui.base import words_of

if TYPE_CHECKING:  # the editor opens this menu
    from vms_desktop.ui.cameras.zones.editor import ZoneEditor

_tr = words_of(__name__)


def zone_menu(editor: ZoneEditor) -> QMenu:
    """The menu for what is being drawn, for what is chosen, or else for the picture."""
    menu = QMenu(editor)
    if editor.edits.draft:
        _fill_for_draft(menu, editor)
    elif zone := editor.edits.chosen_zone:
        _fill_for_zone(menu, editor, zone)
    else:
        watch, ignore = (partial(editor.begin, kind) for kind in ZoneKind)
        _add(menu, _tr("New watched area"), watch)
        _add(menu, _tr("New ignored area"), ignore)
    menu.addSeparator()
    _add(menu, _tr("Undo"), editor.undo, "Ctrl+Z", enabled=editor.edits.can_undo)
    _add(menu, _tr("Redo"), editor.redo, "Ctrl+Y", enabled=editor.edits.can_redo)
    return menu


def _fill_for_draft(menu: QMenu, editor: ZoneEditor) -> None:
    _add(menu, _tr("Close the area"), editor.finish, "Enter")
    _add(menu, _tr("Take the last corner back"), editor.draw_back, "Backspace")
    _add(menu, _tr("Cancel"), editor.cancel, "Esc")


def _fill_for_zone(menu: QMenu, editor: ZoneEditor, zone: Zone) -> None:
    _add(menu, _tr("Rename…"), editor.rename_wanted.emit, "F2")
    menu.addSeparator()
    words = {ZoneKind.WATCH: _tr("Watched"), ZoneKind.IGNORE: _tr("Ignored")}
    for kind, word in words.items():
        action = _add(menu, word, partial(editor.set_kind, kind))
        action.setCheckable(True)
        action.setChecked(zone.kind is kind)
    menu.addSeparator()
    _add(menu, _tr("Add a corner"), editor.insert_corner, "Ins")
    is_corner = editor.edits.chosen is not None and editor.edits.chosen.corner is not None
    if is_corner:
        _add(menu, _tr("Remove the corner"), editor.remove_chosen, "Del")
    _add(menu, _tr("Remove the area"), editor.remove_chosen_zone, "" if is_corner else "Del")


def _add(
    menu: QMenu, text: str, do: Callable[[], None], key: str = "", *, enabled: bool = True
) -> QAction:
    action = menu.addAction(text)
    action.triggered.connect(lambda *_: do())
    action.setEnabled(enabled)
    if key:
        action.setShortcut(QKeySequence(key))
        action.setShortcutVisibleInContextMenu(True)
    return action
