"""Compressed pictures and sounds, read bit by bit for what they say of themselves: no decoder.

Bytes come in: units of H.264 and H.265, AAC's configuration and heads, JPEG segments. Shapes,
parameter sets and the places where a decoder can begin come out. Reads from nowhere and waits for
nothing; what is broken is refused, never believed.
"""

from typing import TYPE_CHECKING

from vms_desktop.late_names import late_names

if TYPE_CHECKING:
    from vms_desktop.core.stream.bitstream.aac import (
        AAC_RATES_HZ,
        AacTrack,
        aac_silence,
        build_aac_config,
        channels_of_aac,
        parse_aac_config,
        parse_adts,
    )
    from vms_desktop.core.stream.bitstream.entry_points import (
        ENTRY_PATIENCE_S,
        EntryPoints,
        EntryWait,
    )
    from vms_desktop.core.stream.bitstream.jpeg import Jpeg, JpegFinder
    from vms_desktop.core.stream.bitstream.nal import (
        H264_TYPES,
        H265_TYPES,
        LONG_START_CODE,
        START_CODE,
        first_unit_at,
        is_annex_b,
        nal_types,
        parameter_sets_of,
        picture_head,
        units_from,
    )
    from vms_desktop.core.stream.bitstream.parameter_sets import ParameterSets, shape_of
    from vms_desktop.core.stream.bitstream.sps import Shape

__all__ = [
    "AAC_RATES_HZ",
    "ENTRY_PATIENCE_S",
    "H264_TYPES",
    "H265_TYPES",
    "LONG_START_CODE",
    "START_CODE",
    "AacTrack",
    "EntryPoints",
    "EntryWait",
    "Jpeg",
    "JpegFinder",
    "ParameterSets",
    "Shape",
    "aac_silence",
    "build_aac_config",
    "channels_of_aac",
    "first_unit_at",
    "is_annex_b",
    "nal_types",
    "parameter_sets_of",
    "parse_aac_config",
    "parse_adts",
    "picture_head",
    "shape_of",
    "units_from",
]

__getattr__ = late_names(
    __name__,
    {
        "aac": (
            "AacTrack",
            "AAC_RATES_HZ",
            "build_aac_config",
            "channels_of_aac",
            "parse_adts",
            "parse_aac_config",
            "aac_silence",
        ),
        "entry_points": (
            "EntryPoints",
            "EntryWait",
            "ENTRY_PATIENCE_S",
        ),
        "jpeg": (
            "Jpeg",
            "JpegFinder",
        ),
        "nal": (
            "H264_TYPES",
            "H265_TYPES",
            "LONG_START_CODE",
            "START_CODE",
            "first_unit_at",
            "is_annex_b",
            "nal_types",
            "parameter_sets_of",
            "picture_head",
            "units_from",
        ),
        "parameter_sets": (
            "ParameterSets",
            "shape_of",
        ),
        "sps": ("Shape",),
    },
)
