"""Real RTSP cameras are watched, recorded in HD where something moves, and looked at in HD."""

import json
import re
from pathlib import Path

import av
import pytest

from tests.support.camera_entries import always, entry
from tests.support.mp4 import heard_by_ffmpeg, heard_by_gstreamer, loudness, pitch_hz, sound_entries
from tests.support.running import running_fleet
from tests.support.video import write_clip
from vms_desktop.core.base.picture import Viewport
from vms_desktop.core.base.status import CameraState
from vms_desktop.core.clips.clip import Trigger
from vms_desktop.core.media.audio import BYTES_PER_SECOND, SoundBuffer
from vms_desktop.core.stream.bitstream.aac import build_aac_config
from vms_desktop.workers.sound_output import SoundOutput

pytestmark = pytest.mark.live

ROOM = Viewport(480, 270)
LARGE_ROOM = Viewport(1280, 720, hd=True)


@pytest.fixture
def fleet_of(qapp, data_dir, rtsp_server):
    """Starts a fleet of cameras of the real server."""

    def start(cameras):
        return running_fleet(data_dir, cameras)

    return start


def pictures_of(running, camera_id):
    """A function that gives the newest picture, or the one before."""
    place, newest = running.fleet.pictures(camera_id), None

    def take():
        nonlocal newest
        newest = place.take() or newest
        return newest

    return take


def test_motion_is_recorded_in_hd_from_before_it_began(fleet_of, rtsp_server, data_dir):
    camera = entry(
        rtsp_server.url("/cam1/sd"),
        url_hd=rtsp_server.url("/cam1/hd"),
        is_recording_enabled=True,
        pre_record_seconds=2,
        post_record_seconds=1,
        min_recording_time=2,
    )
    began, saved = [], []
    with fleet_of({"a": camera}) as running:
        running.fleet.event_began.connect(lambda _, at: began.append(at))
        running.fleet.snapshot_saved.connect(lambda _, path: saved.append(path))
        running.until_live("a")
        running.until(lambda: rtsp_server.clients() == 2)
        connected = rtsp_server.connected()

        # Seen large, or as a snapshot, while HD is held for the pre-roll: no third connection.
        running.fleet.set_viewport("a", LARGE_ROOM)
        newest = pictures_of(running, "a")
        running.until(lambda: (picture := newest()) and picture.hd)
        assert newest().source == (640, 360)
        running.fleet.snapshot("a", data_dir)
        running.until(lambda: saved)
        assert rtsp_server.connected() == connected
        running.fleet.set_viewport("a", ROOM)
        running.until(lambda: not newest().hd)
        assert newest().source == (320, 180)

        running.until(lambda: running.state("a") is CameraState.RECORDING, 12)
        running.until(lambda: newest().boxes)
        running.until(lambda: running.thumbnails, 12)
        running.until(lambda: running.state("a") is CameraState.LIVE)
        assert rtsp_server.connected() == connected
    assert re.fullmatch(r"Door_\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d-\d{3}\.png", Path(saved[0]).name)
    with av.open(saved[0]) as snapshot:
        assert snapshot.streams.video[0].width == 640
    clip = running.clips[0]
    assert clip.trigger is Trigger.MOTION
    assert clip.size == (640, 360)
    assert abs((clip.event_start_at - began[0]).total_seconds()) < 0.1
    assert (clip.event_start_at - clip.start_at).total_seconds() >= 2
    assert clip.motions
    assert CameraState.MOTION in running.states("a")
    with av.open(str(clip.path)) as source:
        first = next(source.demux(video=0))
        assert first.is_keyframe
        assert source.metadata["camera_id"] == "a"
    layout = running.layout
    assert layout.thumbnail_path(clip.path).stat().st_size > 1000
    assert json.loads(layout.sidecar_path(clip.path).read_text())["trigger"] == "motion"


def test_without_recording_hd_is_open_while_it_is_looked_at_only(fleet_of, rtsp_server):
    camera = entry(rtsp_server.url("/cam2/sd"), url_hd=rtsp_server.url("/cam2/hd"))
    with fleet_of({"a": camera}) as running:
        running.until_live("a")
        running.until(lambda: rtsp_server.clients() == 1)
        running.fleet.set_viewport("a", LARGE_ROOM)
        newest = pictures_of(running, "a")
        running.until(lambda: (picture := newest()) and picture.hd)
        assert rtsp_server.clients() == 2
        running.fleet.set_viewport("a", ROOM)
        running.until(lambda: rtsp_server.clients() == 1)
        running.until(lambda: not newest().hd)


# Kind, rate and channels by camera.
SOUNDS = {
    "aac": ("mp4a", 16_000, 1),
    "stereo": ("mp4a", 48_000, 2),
    "opus": ("Opus", 48_000, 2),
    "pcma": ("mp4a", 8_000, 1),
}


def assert_heard(path, seconds, kind, rate, channels):
    """Two readers that are not ours hear the camera's tone, all the while."""
    (sound,) = sound_entries(path.read_bytes())
    assert (sound.kind, sound.rate_hz, sound.channels) == (kind, rate, channels)
    if kind == "mp4a":
        assert sound.config.startswith(build_aac_config(2, rate, channels))
    decoder = "opusdec" if kind == "Opus" else "faad"
    for samples in (heard_by_ffmpeg(path)[0], heard_by_gstreamer(path, channels, decoder)):
        assert samples.shape[1] / rate == pytest.approx(seconds, abs=0.5)
        assert pitch_hz(samples, rate) == pytest.approx(440, abs=3)
        tenths = range(rate // 4, samples.shape[1] - rate // 4, rate // 10)
        assert min(min(loudness(samples[:, at : at + rate // 10])) for at in tenths) > 0.3


def test_cameras_of_every_kind_are_recorded(fleet_of, rtsp_server, data_dir):
    kinds = ("aac", "stereo", "opus", "pcma", "hevc", "locked")
    cameras = {key: always(rtsp_server.url(f"/{key}/sd"), name=key) for key in kinds}
    cameras["udp"] = always(rtsp_server.url("/numbered/sd"), name="udp", transport="udp")
    write_clip(data_dir / "film.avi", 60, width=160, height=96, codec="mjpeg", container="avi")
    cameras["mjpeg"] = always("film.avi", name="mjpeg")
    with fleet_of(cameras) as running:
        running.until(lambda: all(running.state(each) == "recording" for each in cameras), 12)
        written = lambda: running.fleet.counts()[0]  # noqa: E731
        decoded = written()
        running.until(lambda: written() > decoded + 200, 12)
    found = {}
    for clip in running.clips:
        with av.open(str(clip.path)) as source:
            found[clip.camera_id] = [stream.codec_context.name for stream in source.streams]
            pictures = sum(1 for _ in source.decode(video=0))
        assert pictures > 30
        if clip.camera_id in SOUNDS:
            assert_heard(clip.path, pictures / 15, *SOUNDS[clip.camera_id])
    assert found == {
        "aac": ["h264", "aac"],
        "stereo": ["h264", "aac"],
        "opus": ["h264", "opus"],
        "pcma": ["h264", "aac"],
        "hevc": ["hevc"],
        "locked": ["h264"],
        "udp": ["h264"],
        "mjpeg": ["h264"],  # Encoded: few players take MJPEG in an MP4.
    }


def test_the_camera_that_is_listened_to_is_heard_and_only_while_it_is(
    fleet_of, rtsp_server, monkeypatch
):
    heard = []

    def loudspeaker(_output):
        heard.append(SoundBuffer())
        return heard[-1]

    def is_loud(buffer):
        return any(buffer.take(BYTES_PER_SECOND // 50))

    def stays_silent(buffer):
        for _ in range(2):
            buffer.take(60 * BYTES_PER_SECOND)
            more = running.fleet.counts()[0] + 8
            running.until(lambda least=more: running.fleet.counts()[0] > least)
        return not is_loud(buffer)

    monkeypatch.setattr(SoundOutput, "open", loudspeaker)
    kinds = {"aac": "/aac/sd", "pcma": "/pcma/sd"}
    cameras = {key: entry(rtsp_server.url(path), name=key) for key, path in kinds.items()}
    with fleet_of(cameras) as running:
        running.until_live(*kinds)
        for key in kinds:
            running.fleet.listen(key)
            running.until(lambda: is_loud(heard[-1]))
        assert not stays_silent(heard[1])
        assert stays_silent(heard[0])
        running.fleet.listen(None)
        assert stays_silent(heard[1])
    assert len(heard) == 2


def test_a_server_that_drops_everybody_is_back_at_once(fleet_of, rtsp_server):
    with fleet_of({"a": entry(rtsp_server.url("/cam1/sd"))}) as running:
        running.until_live("a")
        rtsp_server.kill_clients()
        running.until(lambda: running.state("a") is CameraState.STREAM_LOST)
        running.until_live("a")
