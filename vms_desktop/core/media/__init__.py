"""Packets to frames, frames to pixels and samples; the one way in which an MP4 is opened.

Compressed packets and files come in. Out go frames that know their shape, turn and colours, the
pixels that a tile, a detector or a JPEG wants, samples for a loudspeaker. Whoever reads sound from
a clip opens it through here, since old clips say too little of theirs. Knows no camera.
"""

from typing import TYPE_CHECKING

from vms_desktop.late_names import late_names

if TYPE_CHECKING:
    from vms_desktop.core.media.audio import (
        SOUND_CHANNELS,
        SOUND_RATE_HZ,
        SoundBuffer,
        SoundDecoder,
        audio_decoder,
    )
    from vms_desktop.core.media.colour import Colour, usual_colour_matrix
    from vms_desktop.core.media.decode import (
        Decoder,
        Fitter,
        decode_packet,
        luma,
        turn_pixels,
        turned_size,
        upright_pixels,
    )
    from vms_desktop.core.media.frame import SQUARE_PIXELS, Frame, Framer, shown_size
    from vms_desktop.core.media.mp4 import (
        VideoFile,
        first_image,
        open_mp4,
        probe_file,
        video_length_s,
    )
    from vms_desktop.core.media.old_sound import (
        SoundPatch,
        is_sound_mended,
        open_with_sound,
        patched_file,
        sound_patch,
    )
    from vms_desktop.core.media.thumbnail import make_thumbnail, read_thumbnail, small_jpeg

__all__ = [
    "SOUND_CHANNELS",
    "SOUND_RATE_HZ",
    "SQUARE_PIXELS",
    "Colour",
    "Decoder",
    "Fitter",
    "Frame",
    "Framer",
    "SoundBuffer",
    "SoundDecoder",
    "SoundPatch",
    "VideoFile",
    "audio_decoder",
    "decode_packet",
    "first_image",
    "is_sound_mended",
    "luma",
    "make_thumbnail",
    "open_mp4",
    "open_with_sound",
    "patched_file",
    "probe_file",
    "read_thumbnail",
    "shown_size",
    "small_jpeg",
    "sound_patch",
    "turn_pixels",
    "turned_size",
    "upright_pixels",
    "usual_colour_matrix",
    "video_length_s",
]

__getattr__ = late_names(
    __name__,
    {
        "audio": (
            "SOUND_CHANNELS",
            "SOUND_RATE_HZ",
            "SoundBuffer",
            "SoundDecoder",
            "audio_decoder",
        ),
        "colour": (
            "Colour",
            "usual_colour_matrix",
        ),
        "decode": (
            "Decoder",
            "Fitter",
            "decode_packet",
            "luma",
            "turn_pixels",
            "turned_size",
            "upright_pixels",
        ),
        "frame": (
            "SQUARE_PIXELS",
            "Frame",
            "Framer",
            "shown_size",
        ),
        "mp4": (
            "VideoFile",
            "first_image",
            "open_mp4",
            "probe_file",
            "video_length_s",
        ),
        "old_sound": (
            "SoundPatch",
            "is_sound_mended",
            "open_with_sound",
            "patched_file",
            "sound_patch",
        ),
        "thumbnail": (
            "make_thumbnail",
            "read_thumbnail",
            "small_jpeg",
        ),
    },
)
