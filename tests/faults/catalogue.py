"""Every fault that is tried, in the order of the table."""

from tests.faults.clocks import clock_jumps, clock_set_late
from tests.faults.importing import import_killed, killed_importing
from tests.faults.report import Promise
from tests.faults.rows import (
    ALL,
    Fault,
    kill,
    kill_before_a_crowd,
    locked,
    second_instance,
    stand_still,
    udp_burst,
    while_backed_up,
)
from tests.faults.scenes import false_clock, small_disk, wire
from tests.faults.storage import (
    disk_fills,
    killed_with_a_spill,
    read_without_end,
    receiver_s_system_calls,
    spill_on_a_full_disk,
)
from tests.faults.thinking import cut_off, killed_before_it_writes, lost, older
from tests.faults.watchdog import WATCHED, stopped_and_watched
from tests.faults.wires import (
    HANGING,
    LINK,
    SLOW_LINK,
    cut,
    hang,
    on_the_banner,
    on_the_screen,
    slow,
)

KILLED_WRITING = "pwrite64,fdatasync:signal=KILL:when=1"
BACK_AT_ONCE = Promise(healed_within=3.0)
FAILING_SYNC = "fdatasync:error=EIO:when=1..6"

FAULTS = (
    Fault("SIGKILL receiver", kill("receiver"), promise=BACK_AT_ONCE),
    Fault("SIGKILL receiver, writing", receiver_s_system_calls(KILLED_WRITING, 5.0)),
    Fault("SIGKILL worker", kill("worker")),
    Fault("SIGKILL worker, before it writes", killed_before_it_writes()),
    *(
        Fault(f"SIGKILL worker, its row numbers {name}", killed_before_it_writes(harm))
        for name, harm in (("lost", lost), ("cut", cut_off), ("older", older))
    ),
    Fault("SIGKILL pi web", kill("pi web"), shown=True),
    *(
        Fault(f"SIGKILL pi web, {phase} an import", killed_importing(phase))
        for phase in ("reading", "checking", "writing")
    ),
    *(
        Fault(f"SIGKILL of an import's own process, {phase}", import_killed(phase))
        for phase in ("checking", "writing")
    ),
    Fault("SIGKILL office web", kill("office web"), shown=True),
    Fault("SIGKILL office web, 200 pages open", kill_before_a_crowd),
    Fault("SIGKILL of all four", kill(*ALL), shown=True),
    Fault("SIGSTOP receiver 2 s", stand_still("receiver", 2.0)),
    Fault("SIGSTOP worker 2 s", stand_still("worker", 2.0)),
    Fault("SIGSTOP pi web 2 s", stand_still("pi web", 2.0)),
    Fault(
        "SIGSTOP pi web until noticed", hang("pi web", on_the_banner), shown=True, promise=HANGING
    ),
    Fault(
        "SIGSTOP office web until noticed",
        hang("office web", on_the_screen),
        shown=True,
        promise=HANGING,
    ),
    *(
        Fault(
            f"SIGSTOP {name}, the watchdog acts",
            stopped_and_watched(name),
            long=True,
            promise=promise,
        )
        for name, promise in WATCHED.items()
    ),
    Fault("disk full: below the reserve", disk_fills(3.0, 1.0), scene=small_disk(6)),
    Fault("disk full: ENOSPC", disk_fills(0.0, 1.0), scene=small_disk(0)),
    Fault("EIO on fsync", receiver_s_system_calls(FAILING_SYNC, 1.0)),
    Fault("database locked 3 s", locked(3.0)),
    Fault("database locked 32 s", locked(32.0), long=True),
    Fault("SIGKILL receiver, with a spill", killed_with_a_spill),
    Fault("disk full, with a spill", spill_on_a_full_disk, scene=small_disk(6)),
    Fault("a reader that never ends", read_without_end, long=True),
    Fault("UDP burst of 5,000", udp_burst(5_000)),
    Fault("clock +3 days", clock_jumps("+3d"), scene=false_clock),
    Fault("clock -2 weeks", clock_jumps("-14d"), scene=false_clock),
    Fault("clock 1970", clock_jumps("-20000d"), scene=false_clock),
    Fault("clock set late", clock_set_late, scene=false_clock),
    Fault("link refused", cut("refuse"), shown=True, scene=wire, promise=LINK),
    Fault("link reset", cut("reset"), scene=wire, promise=LINK),
    Fault("link swallowed (black hole)", cut("black hole"), scene=wire, promise=LINK),
    Fault("link with 500 ms delay", slow("500 ms", 5.0), scene=wire, promise=SLOW_LINK),
    Fault("link of 100 bytes a second", slow("100 B/s", 5.0), scene=wire, promise=SLOW_LINK),
    Fault("second instance", second_instance),
    Fault("backup under load", while_backed_up),
)
