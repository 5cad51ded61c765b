"""Noise that does not end: some rows for each source, and one that counts the rest."""

from lora.framing.bounds import TOO_MANY
from lora.framing.frames import Frame
from lora.intake import Heard
from lora.noise import BURST, MOST_SOURCES, NoiseLimiter

SECOND = 1_000_000_000
HOUR = 3600 * SECOND


def noise(count: int, at: int = 0, source: str = "udp:10.0.0.66") -> list[Heard]:
    frame = Frame("x", "plain", original_length=1)
    return [Heard(frame, source, at + number) for number in range(count)]


def reading(at: int = 0, source: str = "udp:10.0.0.66") -> Heard:
    return Heard(Frame("hxb:B1:LF1:", "plain"), source, at)


def lines(heard: list[Heard]) -> list[int]:
    return [one.frame.lines for one in heard]


def test_a_little_noise_stays_as_it_came() -> None:
    heard = [*noise(BURST), reading()]
    assert NoiseLimiter().sift(heard) == heard


def test_what_is_more_is_one_row_that_counts() -> None:
    *own, rest = NoiseLimiter().sift(noise(500))
    assert own == noise(BURST)
    assert (rest.frame.error, rest.frame.lines, rest.frame.original_length) == (
        "noise",
        500 - BURST,
        500 - BURST,
    )
    assert rest.frame.text.startswith("x x x")


def test_readings_are_never_held_back_and_come_first() -> None:
    readings = [reading(number) for number in range(500)]
    mixed = [one for pair in zip(noise(500), readings, strict=True) for one in pair]
    kept = NoiseLimiter().sift(mixed)
    assert [one for one in kept if one in readings] == readings
    assert (len(kept), lines(kept)[-1]) == (500 + BURST + 1, 500 - BURST)


def test_a_flood_goes_on_counting_in_the_same_row() -> None:
    limiter = NoiseLimiter()
    deliveries = {limiter.sift(noise(100, at=n * SECOND))[-1].frame.delivery_id for n in range(50)}
    assert len(deliveries) == 1


def test_an_hour_later_another_row_counts() -> None:
    limiter = NoiseLimiter()
    first, second = (limiter.sift(noise(100, at=at))[-1] for at in (0, HOUR + SECOND))
    assert first.frame.delivery_id != second.frame.delivery_id


def test_a_source_that_rests_has_rows_again() -> None:
    limiter = NoiseLimiter()
    limiter.sift(noise(100))
    assert len(limiter.sift(noise(3, at=180 * SECOND))) == 3


def test_a_damaged_frame_counts_as_noise_and_readings_that_were_lost_do_not() -> None:
    damaged = [Heard(Frame("hxb:B1:LF1:", "semtech", "bad_crc"), "gateway:1", n) for n in range(40)]
    lost = [Heard(Frame("hxb:B1:LF1:", "plain", TOO_MANY, lines=9), "udp:1", n) for n in range(40)]
    assert len(NoiseLimiter().sift(damaged)) == BURST + 1
    assert NoiseLimiter().sift(lost) == lost


def test_each_source_has_rows_of_its_own_and_the_count_its_name() -> None:
    kept = NoiseLimiter().sift([*noise(50, source="udp:1"), *noise(50, source="udp:2")])
    assert [one.source for one in kept[-2:]] == ["udp:1", "udp:2"]
    assert len(kept) == 2 * (BURST + 1)


def test_a_sender_that_invents_names_has_no_rows_without_end() -> None:
    limiter = NoiseLimiter()
    heard = [noise(1, at=n, source=f"gateway:{n:016x}")[0] for n in range(50_000)]
    kept = limiter.sift(heard)
    assert len(kept) == MOST_SOURCES + BURST + 1
    assert (kept[-1].source, kept[-1].frame.lines) == (
        "gateway:others",
        50_000 - MOST_SOURCES - BURST,
    )
