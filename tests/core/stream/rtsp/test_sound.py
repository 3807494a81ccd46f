"""Sound lies where it belongs on the picture's clock, however the camera tells its times."""

import pytest

from tests.support.adts import adts
from tests.support.packets import HandClock
from tests.support.rtsp_camera import PICTURE, SOUND, SPROP, VIDEO, Scripted, never, payloads
from tests.support.wire import framed, rtp, sender_report
from vms_desktop.core.stream.bitstream.aac import aac_silence, build_aac_config
from vms_desktop.core.stream.packets.packet import Packet


class TestSound:
    """Sound lies where it belongs on the picture's clock."""

    @pytest.fixture
    def talk(self, dial):
        self.clock = HandClock(1000.0)
        self.stream, self.wire = dial(Scripted(*PICTURE, SPROP, *SOUND), clock=self.clock)
        self.packets = self.stream.packets(never)
        return self

    def picture(self, at_s):
        nal = payloads(VIDEO.units[0])[-1][0]
        self.wire.feed(framed(0, rtp(nal, 0, round(at_s * 90_000))))
        return self.seconds(next(self.packets))

    def sound(self, at_s):
        packet = rtp(bytes(160), 0, round(at_s * 8000), payload_type=8)
        self.wire.feed(framed(2, packet))
        return self.seconds(next(self.packets))

    def reports(self, video_s, sound_s):
        """Which moment of each track's clock is 5000 s of the camera's."""
        self.wire.feed(framed(1, sender_report(5000, round(video_s * 90_000))))
        self.wire.feed(framed(3, sender_report(5000, round(sound_s * 8000))))

    @staticmethod
    def seconds(packet):
        return pytest.approx(float(packet.dts * packet.time_base), abs=0.002)

    def test_by_arrival_at_first(self, talk):
        assert talk.picture(70) == 0
        talk.clock.time += 0.4
        assert talk.sound(10) == 0.4
        assert talk.sound(10.02) == 0.42

    def test_sound_before_the_first_picture_is_left_out(self, talk):
        packet = rtp(bytes(160), 0, 0, payload_type=8)
        talk.wire.feed(framed(2, packet))
        assert talk.picture(70) == 0

    def test_a_burst_of_old_pictures_delays_no_sound(self, talk):
        for index in range(10):
            talk.picture(70 + index / 10)
        assert talk.sound(10) == 0.9

    def test_exactly_once_both_have_been_reported(self, talk):
        talk.picture(70)
        talk.clock.time += 0.4
        assert talk.sound(10) == 0.4
        talk.reports(70.5, 10.2)
        assert talk.sound(10.1) == 0.4
        talk.reports(71.5, 11.2)
        assert talk.sound(10.2) == 0.5

    def test_two_clocks_that_drift_apart_are_followed(self, talk):
        talk.picture(70)
        talk.sound(10)
        drift = 0.0
        for minute in range(1, 40):
            drift = minute * 0.01
            at = 60 * minute
            talk.clock.time += 60
            talk.picture(70 + at)
            talk.reports(70 + at, 10 + at - drift)
            last = talk.sound(10 + at - drift)
            assert last == pytest.approx(at, abs=0.032)
        assert drift > 0.3

    @pytest.mark.parametrize("video_s, sound_s", [(60, 10), (70, 15), (75, 10)])
    def test_clocks_that_have_nothing_in_common_are_not_believed(self, talk, video_s, sound_s):
        talk.picture(70)
        talk.sound(10)
        talk.reports(video_s, sound_s)
        assert talk.sound(10.1) == 0.1

    def test_sound_that_paused_without_its_clock_comes_back_in_its_place(self, talk):
        talk.picture(70)
        talk.sound(10)
        for second in range(1, 31):
            talk.clock.time += 1
            talk.picture(70 + second)
        for packet in range(30):
            talk.clock.time += 0.02
            last = talk.sound(10.1 + packet / 50)
        assert last == 30 + 0.6

    def test_a_report_of_another_track_is_none_of_ours(self, talk):
        talk.picture(70)
        talk.sound(10)
        talk.wire.feed(framed(1, sender_report(5000, 70 * 90_000)))
        talk.wire.feed(framed(5, sender_report(5000.5, 10 * 8000)))
        talk.wire.feed(framed(3, b"\x80\xc8\x00") + framed(3, bytes(40)))
        assert talk.sound(10.1) == 0.1

    def test_time_that_a_sound_takes_to_be_used_is_no_silence_of_the_picture(self, talk):
        talk.picture(70)
        for index in range(3):
            talk.sound(10 + index / 50)
            talk.clock.time += 10
        assert talk.picture(70.1) == 0.1


class TestAac:
    """What a camera says of its AAC is held against what it sends."""

    @staticmethod
    def sounds(dial, fmtp, *payloads_sent, clock_hz=16_000, step=1024):
        lines = [
            "m=audio 0 RTP/AVP 97",
            f"a=rtpmap:97 MPEG4-GENERIC/{clock_hz}",
            "a=control:audio",
            *fmtp,
        ]
        stream, wire = dial(Scripted(*PICTURE, SPROP, *lines))
        wire.feed(framed(0, rtp(payloads(VIDEO.units[0])[-1][0], 0, 0)))
        for number, payload in enumerate(payloads_sent):
            wire.feed(framed(2, rtp(payload, number, number * step, payload_type=97)))
        wire.feed(framed(0, rtp(payloads(VIDEO.units[0])[-1][0], 1, 6000)))
        announced = stream.audio
        found: list[Packet] = []
        for packet in stream.packets(never):
            if packet.is_video and packet.dts:
                return announced, found
            found += [] if packet.is_video else [packet]
        raise AssertionError

    def test_it_is_known_before_the_first_packet(self, dial):
        config = "a=fmtp:97 mode=AAC-hbr;sizelength=13;indexlength=3;indexdeltalength=3;config=1408"
        announced, (packet,) = self.sounds(dial, [config], listed(aac_silence(1)))
        assert (announced.rate_hz, announced.channels) == (16_000, 1)
        assert announced.config == bytes.fromhex("1408")
        assert packet.sound == announced

    def test_what_was_not_announced_comes_with_the_packets(self, dial):
        announced, (packet,) = self.sounds(dial, [], listed(aac_silence(2)))
        assert announced.config == b""
        assert packet.sound.config == build_aac_config(2, 16_000, 2)
        assert bytes(packet.data) == aac_silence(2)

    def test_heads_are_taken_away_and_say_what_comes(self, dial):
        head = adts(aac_silence(2), 48_000, 2)
        _, found = self.sounds(dial, [], head, listed(head), head, clock_hz=8_000, step=171)
        assert {bytes(packet.data) for packet in found} == {aac_silence(2)}
        assert {packet.sound.config for packet in found} == {build_aac_config(2, 48_000, 2)}
        assert [packet.duration for packet in found] == [171] * 3


def listed(frame):
    """A frame behind the list of sizes (RFC 3640)."""
    return b"\x00\x10" + (len(frame) << 3).to_bytes(2) + frame
