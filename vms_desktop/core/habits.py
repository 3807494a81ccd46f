"""What earlier connections have shown of a camera, so that the next one need not find it out."""

from dataclasses import dataclass, field

SOUND_REST_S = 3600.0
"""A camera that hung up when it was asked for its sound is asked again after an hour."""


@dataclass(slots=True)
class Habits:
    """A camera's ways at one address; kept by the door for as long as the program runs.

    Attributes:
        for_ffmpeg: FFmpeg has to read it.
        once_by_ffmpeg: The next try is FFmpeg's: it was refused to us for no lasting reason.
        over_udp: It refuses TCP and sends by UDP alone; FFmpeg reads that.
        useless_signs: Methods that it does not take for a sign of life.
    """

    for_ffmpeg: bool = False
    once_by_ffmpeg: bool = False
    over_udp: bool = False
    useless_signs: set[str] = field(default_factory=set)
    _no_sound_until: float = float("-inf")

    def is_silent(self, now: float) -> bool:
        """Whether its sound is left out for now, since asking for it costs the picture."""
        return now < self._no_sound_until

    def hung_up_at_sound(self, now: float) -> None:
        """It closed the connection when it was asked for its sound."""
        self._no_sound_until = now + SOUND_REST_S
