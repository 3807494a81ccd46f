"""Options that FFmpeg does not know are ignored without a word: so it is asked for each."""

import ctypes
import ssl
import sys
from functools import cache
from pathlib import Path

import av  # noqa: F401 - loads FFmpeg
import pytest

from tests.support.packets import camera
from vms_desktop.core.clips.mp4_writer import MUXER_OPTIONS
from vms_desktop.core.config.address import parse_network
from vms_desktop.core.stream.ffmpeg_stream import open_options
from vms_desktop.core.stream.packets.patience import LONGEST_SILENCE_S

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="platform: FFmpeg's libraries are found in /proc"
)

ADDRESSES = [
    f"{scheme}://cam/live" for scheme in ("rtsp", "rtsps", "http", "https", "rtmp", "rtmps")
]
# What reads the address: `generic` stands for the options that every format or protocol has.
READERS = {
    "rtsp": (["rtsp"], []),
    "rtsps": (["rtsp"], []),
    "http": (["hls"], ["http", "tcp"]),
    "https": (["hls"], ["http", "tls", "tcp"]),
    "rtmp": (["flv"], ["rtmp", "tcp"]),
    "rtmps": (["flv"], ["rtmp", "tls", "tcp"]),
}
_FAKE_OBJECT = 2  # AV_OPT_SEARCH_FAKE_OBJ: ask a class of which there is no object.


class FFmpeg:
    """The libraries that PyAV has loaded."""

    def __init__(self):
        self.format = self._library("libavformat")
        self.util = self._library("libavutil")
        for function in (
            self.format.avformat_get_class,
            self.format.avio_protocol_get_class,
            self.format.av_find_input_format,
            self.format.av_guess_format,
            self.util.av_opt_find,
        ):
            function.restype = ctypes.c_void_p

    @staticmethod
    def _library(name):
        lines = Path("/proc/self/maps").read_text().splitlines()
        return ctypes.CDLL(next(line.split()[-1] for line in lines if f"/{name}" in line))

    def knows(self, kind, option, unit=None):
        """Whether a class of options (an address) has this one, or this value of a unit."""
        handle = ctypes.c_void_p(kind)
        found = self.util.av_opt_find(ctypes.byref(handle), option.encode(), unit, 0, _FAKE_OBJECT)
        return bool(kind and found)

    def formats(self):
        return self.format.avformat_get_class()

    def protocol(self, name):
        return self.format.avio_protocol_get_class(name.encode())


@cache
def ffmpeg() -> FFmpeg:
    return FFmpeg()


# Public struct AVInputFormat: name, long name, flags, extensions, codec tags, private class.
_PRIVATE_CLASS_AT = 5


def demuxer(name):
    fields = ctypes.cast(
        ffmpeg().format.av_find_input_format(name.encode()), ctypes.POINTER(ctypes.c_void_p)
    )
    return fields[_PRIVATE_CLASS_AT]


def known(scheme, option):
    formats, protocols = READERS[scheme]
    kinds = [ffmpeg().formats(), *map(demuxer, formats), *map(ffmpeg().protocol, protocols)]
    # Options of every protocol (URLContext) are found through no public function.
    generic = {"protocol_whitelist", "rw_timeout"}
    return option in generic or any(ffmpeg().knows(kind, option) for kind in kinds)


def options(address, *, verify=True, **changes):
    return open_options(parse_network(address), camera(**changes), verify=verify)[1]


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_option_is_one_that_ffmpeg_knows(address):
    scheme = address.partition(":")[0]
    assert [name for name in options(address) if not known(scheme, name)] == []


@pytest.mark.parametrize("option", ["stimeout", "no_such_option"])
def test_an_option_that_ffmpeg_lost_is_noticed(option):
    assert not any(known(scheme, option) for scheme in READERS)


def test_every_option_of_a_clip_is_one_that_ffmpeg_knows():
    kinds = (ffmpeg().formats(), _muxer("mp4"))
    unknown = [
        name for name in MUXER_OPTIONS if not any(ffmpeg().knows(kind, name) for kind in kinds)
    ]
    assert unknown == []


def test_every_flag_of_a_clip_is_one_that_ffmpeg_knows():
    flags = MUXER_OPTIONS["movflags"].split("+")
    assert [flag for flag in flags if not ffmpeg().knows(_muxer("mp4"), flag, b"movflags")] == []
    assert not ffmpeg().knows(_muxer("mp4"), "no_such_flag", b"movflags")


def _muxer(name):
    """The private class of a muxer."""
    found = ffmpeg().format.av_guess_format(name.encode(), None, None)
    return ctypes.cast(found, ctypes.POINTER(_OutputFormat)).contents.private_class


class _OutputFormat(ctypes.Structure):
    """Public struct AVOutputFormat."""

    _fields_ = [
        ("name", ctypes.c_char_p),
        ("long_name", ctypes.c_char_p),
        ("mime_type", ctypes.c_char_p),
        ("extensions", ctypes.c_char_p),
        ("audio_codec", ctypes.c_int),
        ("video_codec", ctypes.c_int),
        ("subtitle_codec", ctypes.c_int),
        ("flags", ctypes.c_int),
        ("codec_tag", ctypes.c_void_p),
        ("private_class", ctypes.c_void_p),
    ]


@pytest.mark.parametrize("address", ADDRESSES)
def test_certificates_are_verified_unless_a_person_says_otherwise(address):
    encrypted = address.startswith(("rtsps", "https", "rtmps"))
    given = options(address)
    assert given.get("tls_verify") == ("1" if encrypted else None)
    assert ("ca_file" in given) == (encrypted and bool(ssl.get_default_verify_paths().cafile))
    assert "tls_verify" not in options(address, verify=False)


@pytest.mark.parametrize("address", ADDRESSES)
def test_no_address_may_lead_to_a_local_file(address):
    allowed = options(address)["protocol_whitelist"].split(",")
    assert not {"file", "concat", "subfile", "data", "pipe", "cache", "unix"} & set(allowed)


@pytest.mark.parametrize("address", [a for a in ADDRESSES if not a.startswith("rtmp")])
def test_silence_has_a_limit_in_microseconds(address):
    given = options(address)
    assert int(given.get("timeout") or given["rw_timeout"]) == LONGEST_SILENCE_S * 1_000_000


@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_the_camera_chooses_how_rtp_travels(transport):
    assert options("rtsp://cam/live", transport=transport)["rtsp_transport"] == transport


@pytest.mark.parametrize(
    "address, form",
    [
        ("rtsp://cam/", "rtsp"),
        ("rtsps://cam/", "rtsp"),
        ("rtmp://cam/", "flv"),
        ("http://cam/", None),
    ],
)
def test_the_format_is_given_where_it_is_known(address, form):
    assert open_options(parse_network(address), camera(), verify=True)[0] == form
