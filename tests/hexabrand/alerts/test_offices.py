"""Which offices are missed: by how long this process was there and they were not."""

from remote.api.authentication import Caller
from remote.api.offices import Offices

OFFICE = Caller("office (hxb_1)", "hxb_1", frozenset({"read"}))
OTHER = Caller("town (hxb_2)", "hxb_2", frozenset({"read"}))


def keys(offices: Offices) -> list[str]:
    return [item.key for item in offices.items(600)]


def test_an_office_is_missed_after_its_time_and_not_before() -> None:
    offices = Offices()
    offices.joined(OFFICE)
    offices.count(9999)
    offices.left(OFFICE)
    offices.count(599)
    assert keys(offices) == []
    offices.count(1)
    (item,) = offices.items(600)
    assert item.key == "office-away:hxb_1"
    assert item.text.startswith("The office has not been heard since ")
    offices.joined(OFFICE)
    assert keys(offices) == []


def test_an_office_that_never_came_is_not_missed_and_the_pi_is_alone() -> None:
    offices = Offices()
    offices.count(9999)
    assert keys(offices) == []
    assert offices.are_gone_for(600)


def test_a_second_socket_of_the_same_office_keeps_it_here() -> None:
    offices = Offices()
    offices.joined(OFFICE)
    offices.joined(OFFICE)
    offices.left(OFFICE)
    offices.count(9999)
    assert offices.are_here()
    assert keys(offices) == []


def test_what_was_counted_outlives_the_process() -> None:
    first, second = Offices(), Offices()
    first.joined(OFFICE)
    first.left(OFFICE)
    first.count(400)
    second.restore(first.as_rows())
    second.count(200)
    assert keys(second) == ["office-away:hxb_1"]
    assert second.known["hxb_1"].heard_at == first.known["hxb_1"].heard_at


def test_while_one_of_two_offices_is_here_the_pi_is_not_alone() -> None:
    offices = Offices()
    offices.joined(OFFICE)
    offices.joined(OTHER)
    offices.left(OTHER)
    offices.count(600)
    assert "“town”" in offices.items(600)[0].text
    assert not offices.are_gone_for(600)
    offices.left(OFFICE)
    offices.count(599)
    assert not offices.are_gone_for(600)
    offices.count(1)
    assert offices.are_gone_for(600)


def test_an_office_whose_key_was_revoked_is_forgotten() -> None:
    offices = Offices()
    offices.joined(OFFICE)
    offices.left(OFFICE)
    offices.count(9999)
    offices.keep(["hxb_2"])
    assert keys(offices) == []
