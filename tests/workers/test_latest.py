from threading import Thread

from vms_desktop.workers.latest import Latest


def test_the_newest_value_is_taken_once():
    latest: Latest[str] = Latest()
    latest.put("old")
    latest.put("new")
    assert latest.take() == "new"
    assert latest.take() is None


def test_only_a_value_for_an_empty_place_wants_a_signal():
    latest: Latest[int] = Latest()
    assert [latest.put(1), latest.put(2)] == [True, False]
    latest.take()
    assert latest.put(3) is True


def test_nothing_old_follows_what_was_taken_while_another_thread_puts():
    latest: Latest[int] = Latest()
    taken: list[int] = []
    putting = Thread(target=lambda: [latest.put(number) for number in range(1, 5001)])
    putting.start()
    while not taken or taken[-1] != 5000:
        if (value := latest.take()) is not None:
            taken.append(value)
    putting.join()
    assert taken == sorted(set(taken))
