import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QLineEdit

from tests.support.camera_dialogs import HIKVISION, RING, TAPO, opened
from vms_desktop.core.base.errors import Problem
from vms_desktop.core.base.picture import Size
from vms_desktop.core.camera.stream_probe import StreamAdvice, StreamFacts, StreamResult, StreamRole
from vms_desktop.core.config.address import AddressKind
from vms_desktop.core.config.camera import CameraConfig
from vms_desktop.core.config.makes import MakeNote
from vms_desktop.ui.cameras.dialog import words as dialog_words

SD = StreamFacts("H.264", Size(854, 480), 15.0, 512_000, "AAC", 2.0)
LONG_WAYS = "Keyframes are more than 4 s apart. Set the camera's I-frame interval to 1–2 s."


pytestmark = pytest.mark.usefixtures("english")


@pytest.fixture
def new(qtbot):
    dialog, notes = opened(qtbot, None)
    dialog.form.name.setText("New")
    return dialog, notes


def paste(line: QLineEdit, text: str) -> None:
    QGuiApplication.clipboard().setText(text)
    line.selectAll()
    line.paste()


def choose_make(dialog, make) -> None:
    combo = dialog.form.addresses.make
    combo.setCurrentIndex(combo.findData(make.key))
    combo.activated.emit(combo.currentIndex())


def entered(dialog):
    addresses = dialog.form.addresses
    return (
        addresses.sd.text,
        addresses.hd.text,
        addresses.username.text(),
        addresses.password.text(),
    )


@pytest.mark.parametrize("field", ["sd", "hd"])
def test_pasting_an_address_with_credentials_splits_it(new, field):
    dialog, _ = new
    line = getattr(dialog.form.addresses, field).line
    paste(line, "  rtsp://admin:p@ss:w/r#d@192.168.1.50:554/stream2 ")
    assert line.text() == "rtsp://192.168.1.50:554/stream2"
    assert entered(dialog)[2:] == ("admin", "p@ss:w/r#d")


def test_typing_credentials_splits_them_when_the_field_is_left(new):
    dialog, _ = new
    line = dialog.form.addresses.sd.line
    line.setFocus()
    QTest.keyClicks(line, "rtsp://ann:p@ss@10.0.0.2/sd")
    assert "ann" in line.text()
    dialog.form.name.setFocus()
    assert entered(dialog) == ("rtsp://10.0.0.2/sd", "", "ann", "p@ss")


def test_saving_with_the_keyboard_in_the_field_splits_too(new):
    dialog, notes = new
    line = dialog.form.addresses.sd.line
    line.setFocus()
    QTest.keyClicks(line, "rtsp://ann:secret@10.0.0.2/sd")
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert (notes.saved[0].url_sd, notes.saved[0].username) == ("rtsp://10.0.0.2/sd", "ann")
    assert notes.saved[0].password == "secret"


def test_a_login_whose_bytes_are_no_text_stays_in_its_address_and_works_on(new):
    dialog, notes = new
    paste(dialog.form.addresses.sd.line, "rtsp://ann:caf%E9@10.0.0.2/sd")
    dialog.save()
    (saved,) = notes.saved
    assert (saved.url_sd, saved.password) == ("rtsp://ann:caf%E9@10.0.0.2/sd", "")


def test_a_login_in_the_query_leaves_its_placeholders(new):
    dialog, _ = new
    paste(dialog.form.addresses.sd.line, "http://10.0.0.2/flv?user=ann&password=secret")
    assert "secret" not in dialog.form.addresses.sd.text
    assert entered(dialog)[2:] == ("ann", "secret")


def test_a_make_fills_both_addresses_from_the_host(new):
    dialog, _ = new
    choose_make(dialog, HIKVISION)
    assert dialog.form.addresses.host.hasFocus()
    QTest.keyClicks(dialog.form.addresses.host, "10.0.0.7")
    assert entered(dialog)[:2] == (
        "rtsp://10.0.0.7:554/Streaming/Channels/102",
        "rtsp://10.0.0.7:554/Streaming/Channels/101",
    )
    choose_make(dialog, TAPO)
    assert entered(dialog)[:2] == ("rtsp://10.0.0.7/stream2", "rtsp://10.0.0.7/stream1")


def test_keys_walk_past_makes_and_stay_in_the_list(new):
    dialog, _ = new
    make = dialog.form.addresses.make
    make.setFocus()
    QTest.keyClick(make, Qt.Key.Key_Down)
    QTest.keyClick(make, Qt.Key.Key_Down)
    assert make.hasFocus()
    assert make.currentIndex() == 2


def test_another_host_leaves_an_address_that_was_edited_by_hand(new):
    dialog, _ = new
    choose_make(dialog, TAPO)
    QTest.keyClicks(dialog.form.addresses.host, "10.0.0.7")
    dialog.form.addresses.sd.line.setText("rtsp://10.0.0.7/special")
    QTest.keyClicks(dialog.form.addresses.host, "0")
    assert entered(dialog)[0] == "rtsp://10.0.0.7/special"


def test_an_address_pasted_as_the_host_gives_host_and_login(new):
    dialog, _ = new
    choose_make(dialog, TAPO)
    paste(dialog.form.addresses.host, "rtsp://ann:secret@10.0.0.7:8554/x")
    assert dialog.form.addresses.host.text() == "10.0.0.7:8554"
    assert entered(dialog) == (
        "rtsp://10.0.0.7:8554/stream2",
        "rtsp://10.0.0.7:8554/stream1",
        "ann",
        "secret",
    )


def test_a_make_without_addresses_says_so_and_leaves_what_stands_there(new):
    dialog, _ = new
    dialog.form.addresses.sd.line.setText("rtsp://bridge:8554/door")
    choose_make(dialog, RING)
    assert dialog.form.addresses.sd.text == "rtsp://bridge:8554/door"
    assert "bridge" in dialog.form.addresses.note.text


@pytest.mark.parametrize("make, untested", [(TAPO, True), (HIKVISION, False), (RING, False)])
def test_a_make_that_nobody_has_verified_is_to_be_tested(new, make, untested):
    dialog, _ = new
    choose_make(dialog, make)
    assert ("test them" in dialog.form.addresses.note.text) is untested


def test_the_makes_of_a_camera_that_exists_start_from_its_host(qtbot):
    camera = CameraConfig(id="a", name="A", url_sd="rtsp://10.0.0.4:8554/x")
    dialog, _ = opened(qtbot, camera)
    choose_make(dialog, TAPO)
    assert entered(dialog)[0] == "rtsp://10.0.0.4:8554/stream2"


@pytest.mark.parametrize(
    "text, offered",
    [
        ("192.168.1.50", "rtsp://192.168.1.50"),
        (" cam.local/stream ", "rtsp://cam.local/stream"),
        ("rtsp://h/a", None),
        ("", None),
    ],
)
def test_an_address_without_scheme_is_offered_one(new, text, offered):
    dialog, _ = new
    field = dialog.form.addresses.sd
    field.line.setText(text)
    assert field.offer.isHidden() is (offered is None)
    if offered:
        assert field.offer.accessibleName() == f"Use {offered}"
        field.offer.click()
        assert field.text == offered
        assert field.offer.isHidden()


def test_a_masked_password_is_not_copied_and_a_revealed_one_is_copied_as_it_is(new):
    dialog, _ = new
    password = dialog.form.addresses.password
    password.setText("secret")
    QGuiApplication.clipboard().setText("before")
    password.selectAll()
    QTest.keySequence(password, "Ctrl+C")
    assert QGuiApplication.clipboard().text() == "before"
    password.setFocus()
    QTest.keySequence(password, "Ctrl+R")
    assert password.echoMode() is QLineEdit.EchoMode.Normal
    QTest.keySequence(password, "Ctrl+C")
    assert QGuiApplication.clipboard().text() == "secret"


def test_a_file_is_chosen_in_a_dialog(new):
    dialog, notes = new
    addresses = dialog.form.addresses
    addresses.kind.button(AddressKind.FILE.name).click()
    assert addresses.password.isHidden() or not addresses.password.isVisible()
    addresses.sd.browse.click()
    chooser = dialog.findChild(QFileDialog)
    chooser.fileSelected.emit("/films/a b.mp4")
    chooser.close()
    dialog.save_button.click()
    assert (notes.saved[0].url_sd, notes.saved[0].username) == ("/films/a b.mp4", "")


def test_a_webcam_is_chosen_from_those_present(new):
    dialog, notes = new
    addresses = dialog.form.addresses
    addresses.kind.button(AddressKind.WEBCAM.name).click()
    listed = [addresses.webcam.itemText(row) for row in range(addresses.webcam.count())]
    assert listed == ["Laptop (0)", "Desk (2)"]
    addresses.webcam.choose("2")
    dialog.save_button.click()
    assert (notes.saved[0].url_sd, notes.saved[0].url_hd) == ("2", "")


def test_where_no_webcam_is_the_choice_says_so_and_saves_nothing(qtbot):
    dialog, notes = opened(qtbot, None, webcams=())
    dialog.form.name.setText("New")
    dialog.form.addresses.kind.button(AddressKind.WEBCAM.name).click()
    dialog.save_button.click()
    assert dialog.form.addresses.webcam_field.problem == "No webcam is connected."
    assert dialog.form.addresses.webcam_field.isVisible()
    assert notes.saved == []


def test_a_configured_webcam_that_is_gone_stays_chosen(qtbot):
    dialog, notes = opened(qtbot, CameraConfig(id="a", name="A", url_sd="7"))
    assert dialog.form.addresses.webcam.currentText() == "Webcam 7 (not connected)"
    dialog.save_button.click()
    assert notes.saved[0].url_sd == "7"


def test_going_to_another_kind_of_source_and_back_loses_nothing(qtbot):
    camera = CameraConfig(id="a", name="A", url_sd="rtsp://h/sd", url_hd="rtsp://h/hd")
    dialog, notes = opened(qtbot, camera)
    for kind in (AddressKind.FILE, AddressKind.WEBCAM, AddressKind.NETWORK):
        dialog.form.addresses.kind.button(kind.name).click()
    dialog.save_button.click()
    assert notes.saved == [camera]


def test_the_keyring_is_offered_only_where_there_is_one(qtbot):
    camera = CameraConfig(id="a", name="A", url_sd="rtsp://ann:secret@h/sd")
    without, _ = opened(qtbot, camera)
    assert without.form.addresses.keyring.isHidden()
    dialog, notes = opened(qtbot, camera, keyring=True)
    dialog.form.addresses.keyring.click()
    dialog.save_button.click()
    (saved,) = notes.saved
    # The keyring keeps a password of its own key, not one inside an address.
    assert saved.password_in_keyring
    assert (saved.url_sd, saved.username, saved.password) == ("rtsp://h/sd", "ann", "secret")


@pytest.mark.parametrize(
    "address, offered", [("rtsps://h/a", True), ("https://h/a", True), ("rtsp://h/a", False)]
)
def test_the_check_of_the_certificate_is_a_choice_of_encrypted_streams(new, address, offered):
    dialog, _ = new
    dialog.form.addresses.sd.line.setText(address)
    assert dialog.form.addresses.certificate.isVisible() is offered


# The stream test.


def start_test(dialog, notes, address="rtsp://10.0.0.2/sd", hd="rtsp://10.0.0.2/hd"):
    dialog.form.addresses.sd.line.setText(address)
    dialog.form.addresses.hd.line.setText(hd)
    dialog.form.results.button.click()
    return notes.tests[-1]


def test_both_streams_answer_in_words(new):
    dialog, notes = new
    test = start_test(dialog, notes)
    results = dialog.form.results
    assert results.button.text() == "Cancel test"
    assert [line.text for line in results.lines.values()] == ["SD: testing…", "HD: testing…"]
    test.answered.emit(StreamResult(StreamRole.SD, SD, advice=(StreamAdvice.SPARSE_KEYFRAMES,)))
    test.answered.emit(StreamResult(StreamRole.HD, None, Problem.TIMED_OUT, "192.168.1.50"))
    test.finished.emit()
    assert results.lines[StreamRole.SD].text == "SD: 854×480 H.264 · 15 fps · 512 kbit/s · AAC"
    assert results.advice[StreamRole.SD].text == LONG_WAYS
    assert results.lines[StreamRole.HD].text == "HD: Connection timed out (192.168.1.50)"
    assert results.button.text() == "Test both streams"


def test_a_stream_without_keyframes_tells_what_to_set(new):
    dialog, notes = new
    test = start_test(dialog, notes)
    test.answered.emit(StreamResult(StreamRole.SD, None, Problem.NO_KEYFRAMES))
    results = dialog.form.results
    assert results.lines[StreamRole.SD].text == "SD: This camera sends no keyframes"
    assert results.advice[StreamRole.SD].text.startswith("Set the I-frame interval (GOP)")


def test_the_button_cancels_a_test_that_runs(new):
    dialog, notes = new
    test = start_test(dialog, notes)
    dialog.form.results.button.click()
    assert test.cancelled
    assert not dialog.form.results.is_running
    assert [line.text for line in dialog.form.results.lines.values()] == ["", ""]


def test_an_edited_address_takes_back_the_answers_of_the_old_one(new):
    dialog, notes = new
    test = start_test(dialog, notes)
    test.answered.emit(StreamResult(StreamRole.SD, SD))
    dialog.form.addresses.password.setText("new")
    assert test.cancelled
    assert dialog.form.results.lines[StreamRole.SD].text == ""


def test_what_is_no_address_is_not_tested_but_said(new):
    dialog, notes = new
    dialog.form.addresses.sd.line.setText("ftp://h/a")
    dialog.form.results.button.click()
    assert notes.tests == []
    assert dialog.form.addresses.sd.problem


def test_a_test_needs_no_name(qtbot):
    dialog, notes = opened(qtbot, None)
    start_test(dialog, notes)
    assert notes.tests[0].cameras[0].url_hd == "rtsp://10.0.0.2/hd"


@pytest.mark.parametrize(
    "facts, words",
    [
        (SD, "854×480 H.264 · 15 fps · 512 kbit/s · AAC"),
        (
            StreamFacts("H.265", Size(2560, 1440), 24.9, 4_230_000, "", None),
            "2560×1440 H.265 · 25 fps · 4.2 Mbit/s · no sound",
        ),
        (StreamFacts("MJPEG", Size(640, 480), 0, 0, "G.711", 1), "640×480 MJPEG · G.711"),
    ],
)
def test_the_facts_of_a_stream_are_one_line(facts, words):
    assert dialog_words.facts_words(facts) == words


@pytest.mark.parametrize("advice", StreamAdvice)
def test_every_advice_has_words(advice):
    assert dialog_words.advice_words(advice)


@pytest.mark.parametrize("note", MakeNote)
def test_every_note_about_a_make_has_words(note):
    assert dialog_words.make_note_words(note).endswith(".")
