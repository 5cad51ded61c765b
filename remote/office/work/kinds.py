"""Every kind of work, the gravest first."""

from typing import Final

from remote.office.work import animal_work, machine_work, message_work, place_work, told_by_pi
from remote.office.work.items import Kind

KINDS: Final[tuple[Kind, ...]] = (
    told_by_pi.GONE,
    machine_work.MACHINE,
    message_work.CONFLICTS,
    told_by_pi.TURNED_BACK,
    *animal_work.KINDS,
    place_work.FULL,
    place_work.FOUNDED,
    message_work.REFUSED,
)
BY_NAME: Final = {kind.name: kind for kind in KINDS}
