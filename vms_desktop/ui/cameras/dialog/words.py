"""The words of the camera dialog: problems of its fields, answers of the stream test, advice."""

from PySide6.QtCore import QLocale

from vms_desktop.core.base import Reason
from vms_desktop.core.camera import StreamAdvice, StreamFacts, StreamRole
from vms_desktop.core.config import MakeNote
from vms_desktop.ui.base import frame_rate_words, reason_words, words_of

_tr = words_of(__name__)

_SCHEMES = "rtsp://, rtsps://, http://"


def field_problem(field: str, reason: Reason | None) -> str:
    """A sentence that says what to do where a field cannot be taken; empty where it can."""
    if reason is None:
        return ""
    sentences = {
        ("name", Reason.EMPTY): _tr("Give the camera a name."),
        ("name", Reason.TOO_LONG): _tr("This name is too long."),
        ("name", Reason.TAKEN): _tr("Another camera's folder has this name. Choose another one."),
        ("url_sd", Reason.EMPTY): _tr("Enter the address of the camera's stream."),
        ("webcam", Reason.EMPTY): _tr("No webcam is connected."),
        ("url", Reason.UNKNOWN_SCHEME): _tr("An address begins with {schemes}.").format(
            schemes=_SCHEMES
        ),
        ("url", Reason.BAD_ADDRESS): _tr("This is not a valid address."),
        ("url", Reason.OUT_OF_RANGE): _tr("The port in this address is out of range."),
        ("schedule", Reason.EMPTY): _tr("Paint when it is recorded, or choose “By hand only”."),
        ("zones", Reason.TOO_FEW_POINTS): _tr("An area needs at least three points."),
        ("zones", Reason.CROSSES_ITSELF): _tr("The edges of an area must not cross."),
    }
    kind = "url" if field in ("url_sd", "url_hd") else field
    found = sentences.get((field, reason)) or sentences.get((kind, reason))
    return found or _tr("This value {reason}.").format(reason=reason_words(str(reason)))


def role_words(role: StreamRole) -> str:
    """The name of a stream."""
    return {StreamRole.SD: _tr("SD"), StreamRole.HD: _tr("HD")}[role]


def facts_words(facts: StreamFacts) -> str:
    """A stream in one line: 854×480 H.264 · 15 fps · 512 kbit/s · AAC."""
    width, height = facts.size
    parts = [f"{width}×{height} {facts.codec_name}"]
    if facts.frame_rate > 0:
        parts.append(frame_rate_words(facts.frame_rate))
    if facts.bit_rate_bps > 0:
        parts.append(bit_rate_words(facts.bit_rate_bps))
    parts.append(facts.audio or _tr("no sound"))
    return " · ".join(parts)


def bit_rate_words(rate_bps: float) -> str:
    """The bit rate of a stream: 512 kbit/s, 4.2 Mbit/s."""
    if rate_bps < 1e6:
        return _tr("{rate} kbit/s").format(rate=round(rate_bps / 1e3))
    return _tr("{rate} Mbit/s").format(rate=QLocale().toString(rate_bps / 1e6, "f", 1))


def advice_words(advice: StreamAdvice) -> str:
    """Advice that would make a stream serve better."""
    return {
        StreamAdvice.SPARSE_KEYFRAMES: _tr(
            "Keyframes are more than 4 s apart. Set the camera's I-frame interval to 1–2 s."
        ),
        StreamAdvice.SMART_CODEC: _tr(
            "H.265+ or a smart codec seems to be on. Switch it off in the camera."
        ),
        StreamAdvice.HD_SMALLER: _tr(
            "The recording stream is smaller than the live one. Are the addresses exchanged?"
        ),
        StreamAdvice.SD_LARGE: _tr(
            "The live stream is large: every picture of it is decoded. Choose a smaller one."
        ),
        StreamAdvice.ENCODED: _tr(
            "Recordings of this format are encoded anew, which costs CPU. Choose H.264 if you can."
        ),
        StreamAdvice.SENSITIVITY_LARGE: _tr(
            "Motion has to be very large to count in this picture. Raise the sensitivity."
        ),
        StreamAdvice.SENSITIVITY_SMALL: _tr(
            "Motion of a few pixels counts in this picture. Lower the sensitivity."
        ),
    }[advice]


def make_note_words(note: MakeNote) -> str:
    """A note on a make of cameras for whoever chooses it."""
    return {
        MakeNote.ACCOUNT_IN_APP: _tr(
            "User name and password are those of the camera account made in the maker's app."
        ),
        MakeNote.ADDRESS_FROM_PROTECT: _tr(
            "Copy the address from UniFi Protect, and switch off the check of its certificate."
        ),
        MakeNote.DIGEST_IN_CAMERA: _tr(
            "If the right password is refused, set digest/basic with MD5 in the camera."
        ),
        MakeNote.SMART_CODING_OFF: _tr("Set the camera to H.264 and switch its smart coding off."),
        MakeNote.SWITCH_ON_RTSP: _tr("Switch RTSP on in the camera or its app first."),
        MakeNote.CODE_ON_LABEL: _tr("The password is the verification code on the camera's label."),
        MakeNote.ADD_STREAM_NAME: _tr(
            "Add the stream's name, as it is called on the bridge, at the end of the address."
        ),
        MakeNote.NO_RTSP: _tr(
            "These cameras have no address. A bridge such as go2rtc or MediaMTX gives them one."
        ),
    }[note]
