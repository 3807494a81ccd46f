"""The source of a camera's streams: network, file or webcam; make, addresses, login."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QLineEdit, QVBoxLayout, QWidget

from vms_desktop.core.base import ConfigError, Reason
from vms_desktop.core.config import (
    DEFAULT_PORTS,
    AddressKind,
    CameraConfig,
    Make,
    StreamLogin,
    Transport,
    address_kind,
    filled_addresses,
    has_two_logins,
    kept_login,
    parse_network,
    shown_login,
    shown_values,
    split_login,
)
from vms_desktop.ui.base import Theme, field_words
from vms_desktop.ui.cameras.dialog.address_field import AddressField
from vms_desktop.ui.cameras.dialog.inputs import input_of
from vms_desktop.ui.cameras.dialog.services import DialogServices
from vms_desktop.ui.cameras.dialog.words import field_problem, make_note_words
from vms_desktop.ui.widgets import (
    ChoiceBox,
    FormField,
    FormRows,
    NoticeLine,
    PasswordField,
    Segments,
)

if TYPE_CHECKING:
    from vms_desktop.core.stream import Webcam

_ENCRYPTED = ("rtsps://", "https://", "rtmps://")


class AddressFields(QWidget):
    """The fields of a camera's streams.

    Signals:
        edited: A person has changed one of them.
    """

    edited = Signal()

    def __init__(
        self,
        camera: CameraConfig | None,
        services: DialogServices,
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._camera = camera
        self._makes = {make.key: make for make in services.makes}
        self._find_webcams = services.webcams
        self._webcams_asked = False
        self._filled = ("", "")
        self._texts: dict[AddressKind, tuple[str, str]] = {}
        self._kind = AddressKind.NETWORK
        self._make_widgets(theme)
        self._inputs = {
            "transport": input_of("transport", self.transport),
            "tls_verify": input_of("tls_verify", self.certificate),
            "password_in_keyring": input_of("password_in_keyring", self.keyring),
        }
        self._place()
        self._fill(camera)
        self._connect()
        services.keyring(self._offer_keyring)

    # What was entered.

    def values(self) -> dict[str, Any]:
        """The keys of `CameraConfig` that stand here."""
        inputs = {key: each.taken() for key, each in self._inputs.items()}
        return asdict(self._login()) | inputs

    def show_problems(self) -> None:
        """Say at the fields that are seen what cannot be taken."""
        problems = self.problems()
        self.webcam_field.show_problem(field_problem("webcam", problems.get("url_sd")))
        for field in (self.sd, self.hd):
            field.show_problem(field_problem(field.key, problems.get(field.key)))

    def field(self, key: str) -> FormField:
        """The field in which an address (`url_sd` or `url_hd`) is entered now."""
        if self._kind is AddressKind.WEBCAM:
            return self.webcam_field
        return self.sd if key == "url_sd" else self.hd

    def problems(self) -> dict[str, Reason]:
        """The reasons why fields cannot be taken, by their keys."""
        found = {field.key: field.reason() for field in (self.sd, self.hd)}
        if self._kind is AddressKind.WEBCAM:
            found = {}
        if not any(self._addresses()):
            found["url_sd"] = Reason.EMPTY
        return {key: reason for key, reason in found.items() if reason}

    def take_logins_out(self) -> None:
        """Move credentials out of the addresses into their own fields."""
        for field in (self.sd, self.hd):
            field.take_login_out()

    def _login(self) -> StreamLogin:
        sd, hd = self._addresses()
        if self._kind is not AddressKind.NETWORK:
            return StreamLogin(sd, hd)
        entered = StreamLogin(sd, hd, self.username.text().strip(), self.password.text())
        if self._camera and self.keyring.isChecked() and not has_two_logins(self._camera):
            return entered  # A keyring keeps the key, not a part of an address.
        return kept_login(self._camera, entered)

    def _addresses(self) -> tuple[str, str]:
        if self._kind is AddressKind.WEBCAM:
            return str(self.webcam.currentData() or ""), ""
        return self.sd.text, self.hd.text

    # How it is made.

    def _make_widgets(self, theme: Theme) -> None:
        self.kind = Segments(self.tr("Source"))
        self.kind.add(AddressKind.NETWORK.name, self.tr("Network camera"))
        self.kind.add(AddressKind.FILE.name, self.tr("File"))
        self.kind.add(AddressKind.WEBCAM.name, self.tr("Webcam"))
        self.make = ChoiceBox(self.tr("Make"))
        self.make.addItem(self.tr("Other: enter the addresses"), "")
        for make in self._makes.values():
            self.make.addItem(make.name, make.key)
        self.note = NoticeLine(theme)
        self.host = QLineEdit()
        self.host.setPlaceholderText("192.168.1.50")
        self.host.setAccessibleName(self.tr("IP address or name of the camera"))
        self.username = QLineEdit()
        self.password = PasswordField(theme)
        self.password.setAccessibleName(field_words("password"))
        self.username.setAccessibleName(field_words("username"))
        self.keyring = QCheckBox(field_words("password_in_keyring"))
        self.sd = AddressField("url_sd", field_words("url_sd"), theme)
        self.hd = AddressField("url_hd", field_words("url_hd"), theme)
        self.webcam = ChoiceBox(self.tr("Webcam"))
        self.webcam_field = FormField(self.webcam, theme)
        self.transport = Segments(field_words("transport"))
        self.transport.add(Transport.TCP, "TCP", self.tr("TCP: nothing gets lost; the usual"))
        self.transport.add(Transport.UDP, "UDP", self.tr("UDP: for cameras that want it"))
        self.certificate = QCheckBox(field_words("tls_verify"))
        self.certificate.setToolTip(
            self.tr("Switch it off for a camera that has signed its certificate itself")
        )

    def _place(self) -> None:
        rows = self._rows = FormRows(self)
        rows.add(self.tr("Source"), self.kind)
        self._make_column = _column(self.make, self.note)
        self._password_column = _column(self.password, self.keyring)
        rows.add(self.tr("Make"), self._make_column)
        rows.add(self.tr("IP address"), self.host)
        rows.add(field_words("username"), self.username)
        rows.add(field_words("password"), self._password_column)
        self._sd_label = rows.add(field_words("url_sd"), self.sd)
        rows.add(field_words("url_hd"), self.hd)
        rows.add(self.tr("Webcam"), self.webcam_field)
        rows.add(field_words("transport"), self.transport)
        rows.add("", self.certificate)

    def _fill(self, camera: CameraConfig | None) -> None:
        shown = shown_login(camera) if camera else StreamLogin()
        kind = address_kind(camera.watched_url) if camera else AddressKind.NETWORK
        self.sd.show_address(shown.url_sd)
        self.hd.show_address(shown.url_hd)
        self.username.setText(shown.username)
        self.password.setText(shown.password)
        self._show_host(shown.url_sd)
        values = shown_values(camera)
        for key, each in self._inputs.items():
            each.show(values[key])
        self.kind.choose(kind.name)
        if kind is AddressKind.WEBCAM and camera:
            self._add_webcam(camera.watched_url)
        self._show_kind(kind)

    def _connect(self) -> None:
        self.kind.chosen.connect(lambda name: self._change_kind(AddressKind[name]))
        self.make.activated.connect(self._take_make)
        self.host.textChanged.connect(self._follow_host)
        for field in (self.sd, self.hd):
            field.edited.connect(self._follow_addresses)
            field.login_found.connect(self._take_login)
        self.username.textChanged.connect(self.edited)
        self.password.textChanged.connect(self.edited)
        self.webcam.activated.connect(self.edited)
        for each in self._inputs.values():
            each.edited.connect(self.edited)

    # What the fields do to each other.

    def _offer_keyring(self, available: bool) -> None:
        self.keyring.setVisible(available or self.keyring.isChecked())

    def _change_kind(self, kind: AddressKind) -> None:
        if kind is self._kind:
            return
        self._texts[self._kind] = (self.sd.text, self.hd.text)
        for field, text in zip((self.sd, self.hd), self._texts.get(kind, ("", "")), strict=True):
            field.show_address(text)
        for each in (self.sd, self.hd, self.webcam_field):
            each.show_problem("")
        self._show_kind(kind)
        self.edited.emit()

    def _show_kind(self, kind: AddressKind) -> None:
        self._kind = kind
        for field in (self.sd, self.hd):
            field.set_kind(kind)
        is_file = kind is AddressKind.FILE
        self._sd_label.setText(self.tr("Video file") if is_file else field_words("url_sd"))
        self.hd.line.setPlaceholderText(self.tr("The live stream is recorded"))
        if kind is AddressKind.WEBCAM and not self._webcams_asked:
            self._webcams_asked = True
            self._find_webcams(self._show_webcams)
        self._show_rows()

    def _show_rows(self) -> None:
        is_network = self._kind is AddressKind.NETWORK
        is_webcam = self._kind is AddressKind.WEBCAM
        make = self._makes.get(str(self.make.currentData()))
        addresses = (self.sd.text, self.hd.text)
        for place in (self._make_column, self.username, self._password_column):
            self._rows.setRowVisible(place, is_network)
        self._rows.setRowVisible(self.host, is_network and make is not None)
        self._rows.setRowVisible(self.sd, not is_webcam)
        self._rows.setRowVisible(self.hd, not is_webcam)
        self._rows.setRowVisible(self.webcam_field, is_webcam)
        self._rows.setRowVisible(self.transport, is_network)
        encrypted = any(address.lower().startswith(_ENCRYPTED) for address in addresses)
        self._rows.setRowVisible(self.certificate, is_network and encrypted)

    def _take_make(self) -> None:
        """Fill both addresses as the chosen make has them."""
        make = self._makes.get(str(self.make.currentData()))
        self._say_note(make)
        self._show_rows()
        if make is None or not make.url_sd:
            return
        if self.host.text().strip():
            self._show_filled(filled_addresses(make, self.host.text().strip()))
        elif not self.make.is_stepping:
            self.host.setFocus()

    def _say_note(self, make: Make | None) -> None:
        notes = []
        if make and make.note:
            notes.append(make_note_words(make.note))
        if make and make.url_sd and not make.verified:
            notes.append(self.tr("Not every camera of this make has these addresses: test them."))
        self.note.say(" ".join(notes), "info")

    def _follow_host(self, text: str) -> None:
        if "://" in text:
            self._take_whole_address(text.strip())
            return
        make = self._makes.get(str(self.make.currentData()))
        if make is None or not make.url_sd or not text.strip():
            return
        untouched = (self.sd.text, self.hd.text) in (self._filled, ("", ""))
        if untouched:
            self._show_filled(filled_addresses(make, text.strip()))

    def _take_whole_address(self, address: str) -> None:
        """A whole address was put where its host belongs."""
        try:
            found = split_login(address)
        except ConfigError:
            return
        self._take_login(found.username, found.password)
        self._show_host(found.address)

    def _show_host(self, address: str) -> None:
        if address_kind(address) is not AddressKind.NETWORK:
            return
        try:
            found = parse_network(address)
        except ConfigError:
            return
        is_usual = found.port == DEFAULT_PORTS[found.scheme]
        self.host.setText(found.host if is_usual else f"{found.host}:{found.port}")

    def _show_filled(self, addresses: tuple[str, str]) -> None:
        self._filled = addresses
        for field, address in zip((self.sd, self.hd), addresses, strict=True):
            field.show_address(address)

    def _take_login(self, username: str, password: str) -> None:
        if username or password:
            self.username.setText(username)
            self.password.setText(password)

    def _follow_addresses(self) -> None:
        self._show_rows()
        self.edited.emit()

    def _show_webcams(self, found: "tuple[Webcam, ...]") -> None:
        self.webcam_field.show_problem("")
        chosen = self.webcam.currentData()
        self.webcam.clear()
        for webcam in found:
            self.webcam.addItem(f"{webcam.name} ({webcam.number})", str(webcam.number))
        if chosen and self.webcam.findData(chosen) < 0:
            self._add_webcam(str(chosen))
        if not self.webcam.count():
            self.webcam.addItem(self.tr("No webcam found"), "")
        self.webcam.choose(chosen)
        self.edited.emit()

    def _add_webcam(self, number: str) -> None:
        words = self.tr("Webcam {number} (not connected)").format(number=number)
        self.webcam.addItem(words, number)


def _column(*widgets: QWidget) -> QWidget:
    made = QWidget()
    column = QVBoxLayout(made)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(4)
    for widget in widgets:
        column.addWidget(widget)
    made.setFocusProxy(widgets[0])
    return made
