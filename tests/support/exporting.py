"""Clips made for an export, and what the exported files hold."""

import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import av
import numpy as np

from tests.support.packets import aac_sound, small, video_packets
from tests.support.packets import facts as facts_of
from tests.support.playing import numbered_from
from tests.support.video import read_number, write_clip
from vms_desktop.core.clips.mp4_writer import ClipWriter
from vms_desktop.core.clips.unbuffered_file import ClipFile
from vms_desktop.core.export.exporter import Exporter
from vms_desktop.core.export.request import ExportRequest, ExportTrack

START = datetime(2026, 3, 2, 12, tzinfo=UTC).astimezone()
FPS = 10
SIZE = {"width": 160, "height": 96, "fps": FPS, "gop": FPS}


def blocks(when, name, letter_px, room_px):
    """A line of text as blocks that tell one sign from another; a `LineWriter`."""
    columns = [[bit == "1" for bit in f"{ord(sign) % 256:08b}"] for sign in f"{when}  {name}"]
    line = np.repeat(np.array(columns, np.uint8).T * 255, letter_px // 8 or 1, axis=0)
    return np.repeat(line, letter_px // 2, axis=1)[:, :room_px]


@dataclass(frozen=True)
class Recorded:
    path: Path
    start_at: datetime
    end_at: datetime


class Folder:
    """Clips whose pictures carry numbers, and what is exported of them."""

    def __init__(self, folder):
        self.folder = folder
        self.out = folder / "out"
        self.told: list[float] = []  # The shares that were done.

    def clip(self, name, begins_s, count=20, first=0, **options):
        """A clip of `count` pictures, the first one numbered `first`."""
        path = self.folder / f"{name}.mp4"
        write_clip(path, count, **{**SIZE, "paint": numbered_from(first), **options})
        start = START + timedelta(seconds=begins_s)
        return Recorded(path, start, start + timedelta(seconds=count / FPS))

    def record(self, name, begins_s, rate=48_000, finish=True):
        """Two seconds with sound, as the recorder writes them."""
        path = self.folder / f"{name}.mp4"
        flags = os.O_CREAT | os.O_EXCL | os.O_RDWR
        file = ClipFile(lambda: (os.open(path, flags, 0o600), path), lambda: False)
        video = small(20, fps=FPS, gop=FPS)
        pictures, (stream, sound) = video_packets(video), aac_sound(2, rate=rate)
        writer = ClipWriter(file, facts_of(video), pictures[0], stream, {})
        for packet in sorted(pictures + sound, key=lambda packet: packet.arrived):
            writer.write(packet)
        writer.close() if finish else writer.abandon()
        start = START + timedelta(seconds=begins_s)
        return Recorded(path, start, start + timedelta(seconds=2))

    def cut(self, clip, name, first, last, begins_s):
        """The same packets as another clip."""
        path = copied(clip.path, self.folder / f"{name}.mp4", first, last)
        start = START + timedelta(seconds=begins_s)
        return Recorded(path, start, start + timedelta(seconds=(last - first) / FPS))

    def export(self, *clips, cancel_at=None, **how):
        return self.run(self.request(*clips, **how), cancel_at)

    def request(self, *clips, rotation=0, name="Front door", **how):
        """An export of one camera's clips."""
        track = ExportTrack(name, clips, rotation)
        return ExportRequest(tracks=(track,), folder=self.out, **how)

    def run(self, request, cancel_at=None):
        """Carry out a request; given up once a share of it is done."""

        def tell(done: int, whole: int) -> None:
            self.told.append(done / whole)

        def is_cancelled() -> bool:
            return cancel_at is not None and self.told[-1:] >= [cancel_at]

        return Exporter(request, tell, is_cancelled, blocks).run()

    def files(self):
        return sorted(path.name for path in self.out.iterdir()) if self.out.exists() else []


def grey(_index, width, height):
    """A picture in which nothing but what is written into it is seen."""
    return np.full((height, width, 3), 128, np.uint8)


def pictures(path):
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="bgr24") for frame in container.decode(video=0)]


def numbers(path):
    return [read_number(picture) for picture in pictures(path)]


def times(path):
    """When each picture is shown, in seconds."""
    with av.open(str(path)) as container:
        return [float(frame.time) for frame in container.decode(video=0)]


def facts(path):
    with av.open(str(path)) as container:
        assert container.duration is not None
        return container.duration / 1e6, dict(container.metadata)


def is_even(shown, fps=FPS):
    return np.allclose(np.diff(shown), 1 / fps, atol=0.002)


def copied(source, target, first=0, last=None):
    """Some packets of a clip as a clip with its index at its beginning."""
    with (
        av.open(str(source)) as given,
        av.open(str(target), "w", options={"movflags": "faststart"}) as taken,
    ):
        stream = taken.add_stream_from_template(given.streams.video[0])
        for packet in [p for p in given.demux(video=0) if p.size][first:last]:
            packet.stream = stream
            taken.mux(packet)
    return target
