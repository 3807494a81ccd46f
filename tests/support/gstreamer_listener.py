"""Decodes the sound of an MP4 with GStreamer: run by the system's Python, which has it.

gstreamer_listener.py CLIP DECODER CHANNELS OUTPUT   writes interleaved samples of 16 bits
"""

import sys

import gi

gi.require_version("Gst", "1.0")
from gi.repository import Gst  # noqa: E402

LIMIT_S = 30


def main(clip, decoder, channels, output):
    Gst.init(None)
    pipeline = Gst.parse_launch(
        f"filesrc location={clip} ! qtdemux name=demux demux.audio_0 ! {decoder} ! audioconvert"
        # This decoder makes two equal channels of one.
        f" ! audio/x-raw,format=S16LE,layout=interleaved,channels={channels}"
        f" ! filesink location={output}"
    )
    pipeline.set_state(Gst.State.PLAYING)
    ends = Gst.MessageType.EOS | Gst.MessageType.ERROR
    message = pipeline.get_bus().timed_pop_filtered(LIMIT_S * Gst.SECOND, ends)
    pipeline.set_state(Gst.State.NULL)
    if message is None or message.type == Gst.MessageType.ERROR:
        sys.exit(message.parse_error()[1] if message else "no end")


main(*sys.argv[1:])
