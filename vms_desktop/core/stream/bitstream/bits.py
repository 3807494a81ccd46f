"""Bits read one behind the other, as H.264 and H.265 write a unit's payload (RBSP)."""

_LONGEST = 32


class BitsError(ValueError):
    """There are fewer bits than were asked for, or no number of this form."""


class BitReader:
    """Reads big-endian bits and Exp-Golomb codes (ITU-T H.264, 9.1)."""

    def __init__(self, data: bytes) -> None:
        self._value = int.from_bytes(data)
        self._left = 8 * len(data)

    def bits(self, count: int) -> int:
        """The next bits as a number. Raises BitsError where they end."""
        if count > self._left:
            raise BitsError("ended")
        self._left -= count
        return self._value >> self._left & ((1 << count) - 1)

    def flag(self) -> bool:
        """The next bit."""
        return self.bits(1) == 1

    def unsigned(self) -> int:
        """An Exp-Golomb code, ``ue(v)``."""
        zeros = self._left - (self._value & ((1 << self._left) - 1)).bit_length()
        if zeros > _LONGEST:
            raise BitsError("no number")
        return self.bits(2 * zeros + 1) - 1

    def signed(self) -> int:
        """A signed one, ``se(v)``."""
        code = self.unsigned()
        return (code + 1) // 2 if code & 1 else -(code // 2)


def joined(*fields: tuple[int, int]) -> bytes:
    """Numbers one behind the other, each with its count of bits, filled up to whole bytes."""
    value = size = 0
    for number, count in fields:
        value, size = value << count | number, size + count
    return (value << -size % 8).to_bytes((size + 7) // 8)


def payload(unit: bytes) -> bytes:
    """A unit's bytes without those that only keep start codes from appearing in it."""
    return unit.replace(b"\x00\x00\x03", b"\x00\x00")
