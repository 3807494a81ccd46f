"""AAC as MPEG-TS has it: frames behind heads, put together by the book and not by the program."""

RATES_HZ = {96_000: 0, 48_000: 3, 44_100: 4, 32_000: 5, 24_000: 6, 22_050: 7, 16_000: 8,
            12_000: 9, 11_025: 10, 8_000: 11}  # fmt: skip


def adts(frame, rate, channels, *, crc=False, blocks=1):
    """A frame of AAC-LC behind its head (13818-7, 6.2)."""
    size = (9 if crc else 7) + len(frame)
    fields = [
        (0xFFF, 12), (0, 1), (0, 2), (not crc, 1), (1, 2), (RATES_HZ[rate], 4), (0, 1),
        (channels, 3), (0, 4), (size, 13), (0x7FF, 11), (blocks - 1, 2),
    ]  # fmt: skip
    bits = "".join(format(int(value), f"0{width}b") for value, width in fields)
    return int(bits, 2).to_bytes(7) + bytes(2 * crc) + frame
