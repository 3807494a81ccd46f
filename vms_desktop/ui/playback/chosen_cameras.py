"""The cameras that are listed on the Playback page, and those that play. Knows no widget."""

from collections.abc import Iterable, Sequence

MOST_PLAYED = 4


class ChosenCameras:
    """Folders of cameras that a person has chosen; the ones touched last play.

    Attributes:
        listed: All that are chosen, in the order in which they were touched.
    """

    def __init__(self, folders: Iterable[str] = ()) -> None:
        self.listed: tuple[str, ...] = tuple(dict.fromkeys(folders))

    def switch(self, folder: str, on: bool) -> None:
        """Choose a camera, or no longer."""
        others = tuple(other for other in self.listed if other != folder)
        self.listed = (*others, folder) if on else others

    def touch(self, folder: str) -> None:
        """A camera is wanted among the players; one that plays keeps its turn."""
        if folder not in self.listed[-MOST_PLAYED:]:
            self.switch(folder, True)

    def shown(self, order: Sequence[str]) -> tuple[str, ...]:
        """Those that are chosen, in the order of the list of cameras."""
        return tuple(folder for folder in order if folder in self.listed)

    def played(self, order: Sequence[str]) -> tuple[str, ...]:
        """At most four of them, in the order of the list of cameras."""
        known = [folder for folder in self.listed if folder in order]
        return tuple(folder for folder in order if folder in known[-MOST_PLAYED:])
