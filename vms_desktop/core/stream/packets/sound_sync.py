"""A camera's sound put onto its picture's times, which are those of a clip.

Both have clocks of their own, which drift apart, and either may be wrong. What
the camera says of them counts as long as arrival does not contradict it.
"""

# Sound and picture that a camera's reports put further apart than they arrive are misreported.
MOST_APART_S = 1.0
# In a container one of them may come so much before the other.
MOST_INTERLEAVED_S = 3.0
# By less nobody hears that sound and picture have drifted apart,
WORTH_MOVING_S = 0.03
# and arrival is not known better than this.
WORTH_MOVING_BY_ARRIVAL_S = 0.15
# Sound is moved by this share of what passes at most, a little faster than a picture's clock is
# put right: by eight milliseconds in a packet of AAC.
SLEW = 0.12
# Sound that lies elsewhere for so long is there; what is read at once says nothing.
CONFIRMED_S = 0.5
# The noise of arrival is averaged over as long as this.
AVERAGED_S = 10.0

_AT_FIRST = 1000  # So many arrivals count alike, where few come in that time.


class SoundSync:
    """Moves sound to where it belongs, at once at first, then too slowly to be heard.

    Args:
        apart_s: By how much the picture's clock is ahead of the sound's: 0 where they
            are one, None until the camera reports it.
    """

    def __init__(self, apart_s: float | None = None) -> None:
        self._apart_s = apart_s
        self._most_apart_s = MOST_APART_S if apart_s is None else MOST_INTERLEAVED_S
        self._picture: tuple[float, float] | None = None
        self._picture_shift_s: float | None = None
        self._moved_s: float | None = None
        self._by_arrival_s = 0.0
        self._count = 0
        self._last: tuple[float, float] | None = None
        self._far_since: float | None = None
        self._is_exact = self._is_moving = False

    @property
    def has_picture(self) -> bool:
        """Whether there is a picture yet for the sound to belong to."""
        return self._picture is not None

    def told(self, apart_s: float) -> None:
        """The camera reports by how much the picture's clock is ahead of the sound's."""
        self._apart_s = apart_s

    def seen(self, at_s: float, shift_s: float | None, now: float) -> None:
        """A picture came, and was given this time.

        Args:
            shift_s: What was added to the time that the camera says; None where it did not count.
        """
        self._picture, self._picture_shift_s = (at_s, now), shift_s

    def move_s(self, at_s: float, shift_s: float | None, now: float) -> float | None:
        """By how much to move a sound of this time; None for one before the first picture.

        Args:
            shift_s: As for a picture.
        """
        if self._picture is None:
            return None
        picture_s, picture_at = self._picture
        by_arrival_s = picture_s + now - picture_at - at_s
        passed_s = self._average(at_s, by_arrival_s, now)
        exact_s = self._exact_s(shift_s)
        target_s = self._by_arrival_s if exact_s is None else exact_s
        moved_s = self._moved_s
        if moved_s is None or (exact_s is not None and not self._is_exact):
            self._moved_s = target_s
        elif abs(by_arrival_s - moved_s) <= self._most_apart_s:
            self._far_since = None
            if target_s != moved_s:
                self._moved_s = moved_s + self._step_s(target_s - moved_s, passed_s)
        elif self._is_elsewhere(now):
            self._count, self._by_arrival_s = 1, by_arrival_s
            self._moved_s = by_arrival_s
        self._is_exact = exact_s is not None
        return self._moved_s

    def _average(self, at_s: float, by_arrival_s: float, now: float) -> float:
        """Take another arrival into account; gives how long the sound is since the last one."""
        last_s, last_at = self._last or (at_s, now)
        self._last = at_s, now
        share = (now - last_at) / AVERAGED_S
        if self._count < _AT_FIRST or share > 1:
            self._count += 1
            share = min(1.0, max(share, 1 / self._count))
        self._by_arrival_s += (by_arrival_s - self._by_arrival_s) * share
        return at_s - last_s if at_s > last_s else 0.0

    def _exact_s(self, shift_s: float | None) -> float | None:
        """The place of the sound by the camera's word; None where that cannot be."""
        if self._apart_s is None or self._picture_shift_s is None or shift_s is None:
            return None
        exact_s = self._apart_s + self._picture_shift_s - shift_s
        is_likely = abs(exact_s - self._by_arrival_s) <= self._most_apart_s
        return exact_s if is_likely else None

    def _is_elsewhere(self, now: float) -> bool:
        """True if the sound, which has come far from its place, did so for some time."""
        if self._far_since is None:
            self._far_since = now
        return now - self._far_since >= CONFIRMED_S

    def _step_s(self, off_s: float, passed_s: float) -> float:
        worth_s = WORTH_MOVING_S if self._is_exact else WORTH_MOVING_BY_ARRIVAL_S
        self._is_moving = abs(off_s) > (worth_s / 4 if self._is_moving else worth_s)
        if not self._is_moving:
            return 0.0
        most_s = SLEW * passed_s
        return min(max(off_s, -most_s), most_s)
