"""AAC as it is sent: its configuration, and the heads that stand before its frames.

AudioSpecificConfig: ISO/IEC 14496-3, 1.6.2.1; ADTS: 1.A.2 there, and 13818-7, 6.2.
A file wants raw frames and one configuration; cameras send heads, both, or neither.
Whatever comes, nothing is raised.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple

from vms_desktop.core.stream.bitstream.bits import BitReader, BitsError, joined
from vms_desktop.core.stream.packets import AudioFacts

# By samplingFrequencyIndex (14496-3, table 1.18).
AAC_RATES_HZ = (
    96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000,
    22_050, 16_000, 12_000, 11_025, 8_000, 7_350,
)  # fmt: skip
# A channel element with the longest comment has half of it.
MAX_CONFIG_BYTES = 512

_LOW_COMPLEXITY, _SBR, _PS, _LOW_DELAY, _ESCAPED = 2, 5, 29, 23, 31
# Object types whose configuration is GASpecificConfig (table 1.17).
_GENERAL = frozenset({1, 2, 3, 4, 6, 7, 17, 19, 20, 21, 22, 23})
_RATE_FOLLOWS = 15
_POSSIBLE_HZ = range(1_000, 192_001)
# By channelConfiguration (table 1.19); 0: told by a channel element.
_CHANNELS = (0, 1, 2, 3, 4, 5, 6, 8)
_SINGLE, _PAIR = 0, 1
_SYNC = 0xFFF


@dataclass(frozen=True, slots=True)
class AacConfig:
    """The contents of a configuration.

    Attributes:
        object_type: Of the core, without what extends it: 2 is AAC-LC.
        core_hz: Samples per second that a frame is cut by.
        rate_hz: Samples per second that come out: twice that with SBR, where it is told.
        core_channels: That are sent; 0 where a channel element tells, which is not read here.
        channels: That come out: parametric stereo makes two of one.
        frame_samples: Samples of the core in a frame; 0 where that is not known.
    """

    object_type: int
    core_hz: int
    rate_hz: int
    core_channels: int
    channels: int
    frame_samples: int

    def frame_ticks(self, clock_hz: int) -> int:
        """The length of a frame on a clock."""
        return round(self.frame_samples * clock_hz / self.core_hz)


@lru_cache(maxsize=256)  # Every frame may have a head.
def parse_aac_config(data: bytes) -> AacConfig | None:
    """The contents of an AudioSpecificConfig; None for nonsense."""
    try:
        found = _config(BitReader(data[:MAX_CONFIG_BYTES]))
    except BitsError:
        return None
    rates = found.core_hz, found.rate_hz
    is_possible = found.object_type and all(rate in _POSSIBLE_HZ for rate in rates)
    return found if is_possible and found.channels >= 0 else None


def _config(reader: BitReader) -> AacConfig:
    object_type, core_hz = _object_type(reader), _rate_hz(reader)
    told = reader.bits(4)
    core_channels = channels = _CHANNELS[told] if told < len(_CHANNELS) else -1
    rate_hz = core_hz
    if object_type in (_SBR, _PS):
        channels = 2 if object_type == _PS and channels == 1 else channels
        rate_hz, object_type = _rate_hz(reader), _object_type(reader)
    samples = 0
    if object_type in _GENERAL:
        samples = 960 if reader.flag() else 1024
        samples //= 2 if object_type == _LOW_DELAY else 1
    return AacConfig(object_type, core_hz, rate_hz, core_channels, channels, samples)


def _object_type(reader: BitReader) -> int:
    found = reader.bits(5)
    return 32 + reader.bits(6) if found == _ESCAPED else found


def _rate_hz(reader: BitReader) -> int:
    """0 for an index that is reserved."""
    index = reader.bits(4)
    if index == _RATE_FOLLOWS:
        return reader.bits(24)
    return AAC_RATES_HZ[index] if index < len(AAC_RATES_HZ) else 0


@lru_cache(maxsize=256)
def build_aac_config(object_type: int, rate_hz: int, channel_configuration: int) -> bytes:
    """The AudioSpecificConfig of plain AAC of an object type below 31."""
    rate = (
        [(AAC_RATES_HZ.index(rate_hz), 4)]
        if rate_hz in AAC_RATES_HZ
        else [(_RATE_FOLLOWS, 4), (rate_hz, 24)]
    )
    flags = 0, 3  # GASpecificConfig: three that are not set.
    return joined((object_type, 5), *rate, (channel_configuration, 4), flags)


class AdtsHead(NamedTuple):
    """The head before a frame.

    Attributes:
        config: The configuration that it tells.
        size_bytes: Of the head.
        frame_bytes: Of head and frame.
        blocks: How many raw frames there are in it.
    """

    config: bytes
    size_bytes: int
    frame_bytes: int
    blocks: int


def parse_adts(data: bytes) -> AdtsHead | None:
    """The ADTS head that these bytes begin with; None where they begin with none."""
    if len(data) < 7 or data[0] != 0xFF or data[1] & 0xF6 != 0xF0:
        return None
    fields = int.from_bytes(data[:7])
    size = 7 if fields >> 40 & 1 else 9
    index, length = fields >> 34 & 15, fields >> 13 & 0x1FFF
    if index >= len(AAC_RATES_HZ) or length <= size:
        return None
    config = build_aac_config((fields >> 38 & 3) + 1, AAC_RATES_HZ[index], fields >> 30 & 7)
    return AdtsHead(config, size, length, (fields & 3) + 1)


def adts_frames(data: bytes) -> Iterator[tuple[AdtsHead, bytes]]:
    """The frames behind their heads, up to one that is cut off or has none."""
    while (head := parse_adts(data)) and head.frame_bytes <= len(data):
        yield head, data[head.size_bytes : head.frame_bytes]
        data = data[head.frame_bytes :]


def channels_of_aac(frame: bytes) -> int:
    """1 or 2, as the element that a raw frame begins with tells; 0 where it does not."""
    element = frame[0] >> 5
    return element + 1 if element in (_SINGLE, _PAIR) else 0


def aac_silence(channels: int) -> bytes:
    """A raw frame of nothing, for one channel or two, at any rate.

    Each channel has one long window and no band (14496-3, table 4.4 and 4.50).
    """
    element, common_window = ((_PAIR, 3), (0, 1)) if channels == 2 else ((_SINGLE, 3), (0, 0))
    tag, end = (0, 4), (7, 3)
    # Gain; a long window without band and prediction; no pulses, noise shaping, gain control.
    channel = (0, 8), (0, 11), (0, 3)
    return joined(element, tag, common_window, *channel * channels, end)


class AacTrack:
    """Raw frames of one track and their configuration, however they are sent.

    A configuration that was announced stays as long as the heads do not tell
    otherwise; without one it is that of the heads, or what rate, channels and
    the first frame say. Where one frame has a head, all have: what has none is
    the rest of a frame whose beginning was not received.

    Args:
        announced: What is known of the track; its configuration may be missing.
        is_raw: Whether frames may come without heads though no configuration was announced.

    Attributes:
        facts: Of the frames that were taken last, as announced before the first; without a
            configuration as long as it is unknown.
        frame_ticks: How long each of them lasts on the clock of the track.
    """

    def __init__(self, announced: AudioFacts, *, is_raw: bool = True) -> None:
        self._announced = self.facts = replace(announced, config=b"")
        self.frame_ticks = 0
        self._is_raw = is_raw
        self._unconfirmed = b""
        if parse_aac_config(announced.config):
            self._is_raw = True
            self._believe(announced.config)

    def take(self, data: bytes) -> Sequence[bytes]:
        """The raw frames in these bytes; none as long as their configuration is unknown."""
        if parse_adts(data):
            return [frame for head, frame in adts_frames(data) if self._belongs(head)]
        if not data or int.from_bytes(data[:2]) >> 4 == _SYNC:
            return ()  # A head that is none: what follows it has no beginning.
        if not self.facts.config and self._is_raw:
            self._believe(self._guessed(data))
        return (data,) if self.facts.config and self._is_raw else ()

    def _believe(self, config: bytes) -> None:
        if found := parse_aac_config(config):
            self.facts = replace(
                self._announced,
                rate_hz=found.rate_hz,
                channels=found.channels or self._announced.channels,
                config=config,
            )
            self.frame_ticks = found.frame_ticks(round(1 / self.facts.time_base))

    def _belongs(self, head: AdtsHead) -> bool:
        """True if the head's frame is of the configuration, which follows the heads.

        A lone head that tells another is a damaged one.
        """
        told, known = parse_aac_config(head.config), parse_aac_config(self.facts.config)
        if told is None or not told.channels or head.blocks > 1:
            return False  # Frames of which nobody knows where they begin.
        if known is None or self._unconfirmed == head.config:
            self._believe(head.config)
        elif _core(told) != _core(known):
            self._unconfirmed = head.config
            return False
        self._unconfirmed, self._is_raw = b"", False
        return True

    def _guessed(self, frame: bytes) -> bytes:
        """The configuration of AAC-LC of which only rate and channels were announced."""
        rate_hz, channels = self._announced.rate_hz, self._announced.channels
        if rate_hz not in AAC_RATES_HZ:
            return b""
        if channels <= 2:
            channels = channels_of_aac(frame) or channels
        if channels not in _CHANNELS[1:]:
            return b""
        return build_aac_config(_LOW_COMPLEXITY, rate_hz, _CHANNELS.index(channels))


def _core(config: AacConfig) -> tuple[int, int, int]:
    """The part that heads tell, too."""
    return config.object_type, config.core_hz, config.core_channels
