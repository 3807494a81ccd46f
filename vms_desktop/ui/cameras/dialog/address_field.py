"""One address: a line that gives its credentials away, and offers what is missing in front."""

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QLineEdit, QPushButton, QWidget

from vms_desktop.core.base import ConfigError, Reason
from vms_desktop.core.config import (
    AddressKind,
    address_kind,
    check_address,
    completed_address,
    is_text,
    split_login,
)
from vms_desktop.ui.base import Theme, keep_on_screen
from vms_desktop.ui.widgets import ElidedButton, FormField, side_by_side

# Who types adds one character at a time; more at once come from the clipboard.
_PASTED_CHARS = 4


class AddressField(FormField):
    """An address without credentials.

    Signals:
        edited: A person has changed it.
        login_found: User name and password stood in what was pasted.
    """

    edited = Signal()
    login_found = Signal(str, str)

    def __init__(self, key: str, name: str, theme: Theme, parent: QWidget | None = None) -> None:
        self.line = QLineEdit()
        self.line.setAccessibleName(name)
        self.browse = QPushButton()
        super().__init__(self.line, theme, parent, beside=self.browse)
        self.key = key
        self._kind = AddressKind.NETWORK
        self._before = ""
        self.offer = ElidedButton()
        self.offer.hide()
        self.browse.setText(self.tr("Browse…"))
        self.browse.hide()
        self.add(side_by_side(self.offer))
        self.line.textChanged.connect(self._follow)
        self.offer.clicked.connect(self._take_offer)
        self.browse.clicked.connect(self._choose_file)
        self.left.connect(self.take_login_out)

    @property
    def text(self) -> str:
        """The address, without spaces around it."""
        return self.line.text().strip()

    def show_address(self, text: str) -> None:
        """Show an address from its beginning."""
        self.line.setText(text)
        self.line.setCursorPosition(0)

    def set_kind(self, kind: AddressKind) -> None:
        """Expect an address of the network, or a file."""
        self._kind = kind
        is_file = kind is AddressKind.FILE
        self.browse.setVisible(is_file)
        self.line.setPlaceholderText("" if is_file else "rtsp://192.168.1.50/stream")
        self._show_offer()

    def reason(self) -> Reason | None:
        """The reason why it cannot be taken; an empty one can."""
        if not self.text:
            return None
        if self._kind is AddressKind.NETWORK and address_kind(self.text) is not AddressKind.NETWORK:
            return Reason.UNKNOWN_SCHEME
        try:
            check_address(self.key, self.text)
        except ConfigError as err:
            return err.reason
        return None

    def take_login_out(self) -> None:
        """Hand over the credentials that stand in the address, and leave the rest."""
        try:
            found = split_login(self.text, self.key)
        except ConfigError:
            return  # Saving tells what is wrong with it.
        if not is_text(found.username + found.password):
            return  # No file would keep it elsewhere.
        if found.address != self.text:
            self.line.setText(found.address)
        if found.username or found.password:
            self.login_found.emit(found.username, found.password)

    def _follow(self, text: str) -> None:
        is_pasted = len(text) - len(self._before) >= _PASTED_CHARS
        self._before = text
        if is_pasted and "://" in text:
            self.take_login_out()
        self.show_problem("")
        self._show_offer()
        self.edited.emit()

    def _show_offer(self) -> None:
        offered = completed_address(self.text) if self._kind is AddressKind.NETWORK else None
        self.offer.setVisible(bool(offered))
        if offered:
            self.offer.set_whole(self.tr("Use {address}").format(address=offered))

    def _take_offer(self) -> None:
        if offered := completed_address(self.text):
            self.line.setText(offered)
            self.line.setFocus()

    def _choose_file(self) -> None:
        folder = str(Path(self.text).parent) if self.text else ""
        dialog = QFileDialog(self, self.tr("Choose a video"), folder)
        keep_on_screen(dialog)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        videos = self.tr("Videos")
        everything = self.tr("All files")
        dialog.setNameFilters(
            [f"{videos} (*.mp4 *.mkv *.mov *.avi *.ts *.webm)", f"{everything} (*)"]
        )
        dialog.fileSelected.connect(self.show_address)
        dialog.open()
