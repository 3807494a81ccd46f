"""The webcams of a machine are listed by their names, and nothing else that looks like one."""

import struct
import sys

import pytest

import vms_desktop.core.stream.webcams as webcams
from vms_desktop.core.base.errors import Problem, StreamError
from vms_desktop.core.stream.webcams import Webcam, linux_webcams, list_webcams, webcam_device

ON_LINUX = pytest.mark.skipif(sys.platform != "linux", reason="platform: asks Linux' drivers")
DEVICES = {"win32": ("dshow", "video=Cam B"), "darwin": ("avfoundation", "1")}
NODES = {"video0": "HD Webcam", "video1": "HD Webcam", "video10": "Grabber\n", "video2": None}


@pytest.fixture
def devices(tmp_path):
    """A folder like that of Linux, with other things in it too."""
    for node, name in (NODES | {"v4l-subdev0": "sensor", "videocodec": "x"}).items():
        (tmp_path / node).mkdir()
        if name is not None:
            (tmp_path / node / "name").write_text(name)
    return tmp_path


def test_nodes_that_capture_are_listed_by_number_with_their_names(devices):
    found = linux_webcams(devices, lambda number: number != 1)
    assert found == (Webcam(0, "HD Webcam"), Webcam(2, "video2"), Webcam(10, "Grabber"))


def test_a_machine_without_video_devices_has_no_webcams(tmp_path):
    assert linux_webcams(tmp_path / "none", lambda _: True) == ()


@ON_LINUX
@pytest.mark.parametrize(
    "whole, of_node, captures",
    [
        (0x84A00001, 0x04200001, True),  # A webcam's pictures
        (0x84A00001, 0x04A00000, False),  # and its metadata.
        (0x84201000, 0x04201000, True),
        (0x84204000, 0x04204000, False),  # An encoder: memory to memory.
        (0x00000001, 0x00000000, True),  # An old driver tells no more.
    ],
)
def test_a_node_is_judged_by_what_its_driver_says_of_it(whole, of_node, captures, monkeypatch):
    def answer(_node, _request, reply):
        struct.pack_into("=II", reply, 84, whole, of_node)

    monkeypatch.setattr(webcams.os, "open", lambda *_: 99)
    monkeypatch.setattr(webcams.os, "close", lambda _: None)
    monkeypatch.setattr("fcntl.ioctl", answer)
    assert webcams.captures(0) is captures


@ON_LINUX
@pytest.mark.parametrize("error, captures", [(PermissionError, True), (FileNotFoundError, False)])
def test_a_node_that_may_not_be_asked_is_listed_all_the_same(error, captures, monkeypatch):
    def refuse(*_):
        raise error

    monkeypatch.setattr(webcams.os, "open", refuse)
    assert webcams.captures(0) is captures


@pytest.mark.parametrize("platform", ["win32", "darwin"])
def test_other_systems_are_asked_through_ffmpeg(platform, monkeypatch):
    class Device:
        def __init__(self, description, *media_types):
            self.description, self.media_types = description, media_types

    found = [Device("Mic", "audio"), Device("Cam A", "video"), Device("Cam B", "video", "audio")]
    monkeypatch.setattr(webcams.sys, "platform", platform)
    monkeypatch.setattr(webcams.av, "enumerate_input_devices", lambda _: found)
    assert list_webcams() == (Webcam(0, "Cam A"), Webcam(1, "Cam B"))
    assert webcam_device(1) == DEVICES[platform]


def test_an_ffmpeg_that_cannot_list_lists_nothing_and_opens_none(monkeypatch):
    monkeypatch.setattr(webcams.sys, "platform", "win32")
    assert list_webcams() == ()
    with pytest.raises(StreamError, match=Problem.NOT_FOUND):
        webcam_device(0)


def test_this_machine_can_be_asked():
    assert isinstance(list_webcams(), tuple)
