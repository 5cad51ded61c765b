"""What the API's description says of each operation: public words, and an example of each body."""

from typing import Final

from remote.api.schema_cattle_texts import CATTLE
from remote.api.schema_sentences import ALL_OR_NONE, STALE, Operation
from remote.api.schema_shipment_texts import SHIPMENTS
from remote.api.schema_treatment_texts import TREATMENTS
from remote.api.schema_weight_texts import WEIGHTS
from remote.wire import API_ROOT

TAGS: Final = {
    "Batches": "Lots of animals, from the barn's radios or for export.",
    "Cattle": "Animals: where they are, what they wear and weigh, and their past.",
    "Pens": "Where animals stand, and how many have room there.",
    "Weights": "Weighings. A wrong one is voided, never deleted.",
    "Sessions": "Passes of animals through the chute, and what was done in each.",
    "Treatments": "Products, and what animals were treated with. A wrong one is voided.",
    "Work": "What people said of what needs them: dismissed, seen, to come again on a day.",
    "Health": "Pulls to the hospital pen, and what animals died of.",
    "Shipments": "Trucks: which animals are planned, loaded and gone, and what was reported.",
    "Radio": "Payloads as they came from radios, gateways and LoRaWAN servers.",
    "Changes": "Decided tag conflicts, merges and imports, which can be taken back.",
    "Imports": "Sheets of animals, weights or treatments.",
    "Following": "A copy of the herd, and what happens from then on.",
    "The Pi": "How the machine is, and its backups.",
    "People": "Signing in for an office.",
}
_TAG_OF: Final = {
    "batches": "Batches",
    "cattle": "Cattle",
    "pens": "Pens",
    "weights": "Weights",
    "sessions": "Sessions",
    "scale-steps": "Weights",
    "scale-faults": "Weights",
    "products": "Treatments",
    "treatments": "Treatments",
    "work-marks": "Work",
    "pulls": "Health",
    "reports": "Health",
    "shipments": "Shipments",
    "payloads": "Radio",
    "sources": "Radio",
    "changes": "Changes",
    "operations": "Changes",
    "operations.csv": "Changes",
    "imports": "Imports",
    "events": "Following",
    "snapshot": "Following",
    "auth": "People",
}


OPERATIONS: Final[dict[str, Operation]] = {
    "GET batches": Operation("List batches"),
    "POST batches": Operation(
        "Create a batch",
        "409 `name_taken` where another batch has the number, also in other capitals.",
        {"batch_number": "LOT2026-09", "funder": "Green Valley", "induction_date": "2026-03-01"},
    ),
    "GET batches/{id}": Operation("Read a batch"),
    "PATCH batches/{id}": Operation(
        "Change or close a batch",
        f"{STALE} The status `closed` closes the batch.",
        {"status": "closed", "seen": {"status": "open"}},
    ),
    "GET batches/{id}/growth": Operation(
        "Read how a batch grew",
        "The good weighings of each day, the oldest first, and the batch's head-days until today.",
    ),
    "GET batches/{id}/closeout": Operation(
        "Read a batch's closeout",
        "What came and left, head-days, gain between weighings beside the expected weight,"
        " treatments and whom they still withhold, and the shrink at loading.",
    ),
    "GET pens": Operation("List pens"),
    "POST pens": Operation(
        "Create a pen",
        "409 `name_taken` where another pen has the number, also in other capitals.",
        {"pen_number": "P12", "capacity": 80, "location": "north"},
    ),
    "GET pens/{id}": Operation("Read a pen"),
    "PATCH pens/{id}": Operation("Change a pen", STALE, {"capacity": 90}),
    "DELETE pens/{id}": Operation(
        "Delete an empty pen",
        "Only for administrators. 409 `pen_in_use` while animals stand there.",
    ),
    **CATTLE,
    **TREATMENTS,
    "GET work-marks": Operation("List marks of work items", "The newest first."),
    "POST work-marks": Operation(
        "Mark work items",
        "`dismissed` with a reason, `seen` by who asks, or a `reminder` until a day: no list shows"
        " an item before it, or one that is dismissed. One that stands is changed.",
        {"kind": "dismissed", "items": [{"key": "suspect:311", "text": "A17: got 402 kg"}]}
        | {"reason": "two animals on the scale"},
    ),
    "POST work-marks/{id}/end": Operation(
        "End a mark", "Its item is there again, if its cause still stands. Once more is as once."
    ),
    "GET cattle/{id}/pulls": Operation("List an animal's pulls"),
    "POST cattle/{id}/pulls": Operation(
        "Pull an animal",
        "Out of its pen to be treated, for a coded cause; with `pen_id` it moves to that pen, the"
        " hospital's. 409 `already_pulled` until it is back.",
        {"cause": "respiratory", "pen_id": 12, "note": "off feed, 40.6 C"},
    ),
    "GET pulls": Operation("List pulls"),
    "POST pulls": Operation(
        "Pull many animals", ALL_OR_NONE, {"cattle_ids": [4711, 4712], "cause": "lameness"}
    ),
    "POST pulls/{id}/return": Operation(
        "Send a pulled animal back",
        "To the pen that it came from, or to `pen_id`. 409 `pen_full` unless `force` is given, with"
        " a reason. Once more is as once.",
        {"pen_id": 7},
    ),
    "POST pulls/{id}/void": Operation(
        "Void a pull",
        "The animal goes back where it was, if it is still away; the row stays, with the reason.",
        {"reason": "another animal was meant"},
    ),
    "GET reports/deaths": Operation(
        "Read who died and who was pulled",
        "From the day `first` to the day `last`, by day, batch and cause, and one by one, with days"
        " on feed and treatments before. Without the two: the last 30 days.",
    ),
    "GET sessions": Operation("List sessions", "The newest first."),
    "POST sessions": Operation(
        "Begin a session",
        "Without a `name`, its pen or batch and the day are its name. What its `source` hears while"
        " it is open falls into it; 409 `source_in_use` where another open session listens to it.",
        {"pen_id": 12, "tasks": {"weigh": True}, "source": "gateway:aa555a0000000001"},
    ),
    "GET sessions/{id}": Operation("Read a session"),
    "GET sessions/{id}.csv": Operation(
        "Read a session as CSV", "A line for each weight, and each animal that was only moved."
    ),
    "GET sessions/figures": Operation("Read head and mean of several sessions"),
    "GET sessions/{id}/summary": Operation(
        "Read what was done in a session",
        "Its figures, and as `data` its animals. `with` another session: those weighed in both.",
    ),
    "PATCH sessions/{id}": Operation(
        "Change a session", f"{STALE} Of `tasks`, those that are given.", {"notes": "rain"}
    ),
    "POST sessions/{id}/end": Operation(
        "End a session", "What was recorded in it stays. Once more is as once."
    ),
    "POST sessions/{id}/resume": Operation(
        "Resume a session",
        "It is open again, as if it had not been ended. 409 `source_in_use` where another one"
        " listens to its source by now.",
    ),
    **WEIGHTS,
    **SHIPMENTS,
    "GET payloads": Operation("List payloads", "What the radios sent, and what became of it."),
    "POST payloads": Operation(
        "Send payloads",
        "`payload` or `payloads`, or the webhook body of a LoRaWAN server as it is, JSON or"
        " ChirpStack's protobuf. Answered once they are on the disk. At most 1,000 readings; with"
        " one more nothing is stored. An uplink that is known already is not stored again.",
        {"payloads": ["hxb:LOT2026-09:982000001088420:E20034120128170012345678"]},
    ),
    "GET payloads/{id}": Operation("Read a payload"),
    "POST payloads/{id}/retry": Operation(
        "Try a payload in error again",
        "As it is, or corrected to `text`; the first text is kept.",
        {"text": "hxb:LOT2026-09:982000001088420:"},
    ),
    "GET payloads/{id}/conflict": Operation(
        "Read a tag conflict", "The tags that were read, and the animals that wear them."
    ),
    "POST payloads/{id}/resolve": Operation(
        "Decide a tag conflict",
        "`merge`: the animals are one, `cattle_id` is kept. `give`: `cattle_id` gets the tags."
        " `ignore`: nothing changes. Then the payload is applied, as far as it has an effect."
        " `status_from` says whose status counts where one of the merged has left, else 409"
        " `status_differs`.",
        {"action": "give", "cattle_id": 4711, "reason": "tag was moved"},
    ),
    "GET sources": Operation("List radios and gateways", "When each was heard, counts and signal."),
    "GET changes": Operation("List what can be taken back", "The newest first."),
    "GET changes/{id}": Operation(
        "Read a change",
        "`undoing` says in sentences what taking it back would do. With `preview` that is tried:"
        " where it would be refused, `refused` and `refused_code` say why.",
    ),
    "POST changes/{id}/undo": Operation(
        "Take a change back",
        "409 `undo_impossible` where something was done since that would be lost, `pen_full` where"
        " an animal comes back into a pen without room: `force` with a `reason` overfills it.",
        {"force": True, "reason": "until Friday"},
    ),
    "GET operations": Operation(
        "List what people and imports did",
        "Each act one row, the newest first, however many animals it touched. `cattle`, `batch` and"
        " `pen` are the acts that touched it; `person` is a name, or a place and a name as in"
        " `made_by`.",
    ),
    "GET operations.csv": Operation(
        "List them as a file", "The columns of the list, with its filters."
    ),
    "GET operations/{id}": Operation(
        "Read an operation",
        "With the animals that it touched, 1,000 at most. `undoing` says in sentences what taking"
        " it back would do. With `preview` that is tried: `remainder` names what would stay, and"
        " where all would, `refused` and `refused_code` say why.",
    ),
    "POST operations/{id}/undo": Operation(
        "Take an operation back",
        "What somebody has built on since stays, and `remainder` names it. 409 `undo_impossible`"
        " where all of it would, or where it can be taken back whole or not at all; `pen_full`"
        " where an animal comes back into a pen without room: `force` with a `reason` overfills"
        " it.",
        {"force": True, "reason": "until Friday"},
    ),
    "POST imports": Operation(
        "Import a sheet",
        "All of it or, with errors by line, nothing (422 `rows_refused`), unless `skip_bad_rows`."
        " With `Prefer: respond-async` the answer is 202 with the place to ask how far it is.",
        {"kind": "weights", "name": "session.csv", "data": "dGFnLHdlaWdodApMRjEsMzUxLjUK"},
    ),
    "GET imports/{id}": Operation(
        "Read how far an import is",
        "Once it has ended, `status` and `answer` are what a request that waits would have got.",
    ),
    "POST imports/{id}/cancel": Operation(
        "Cancel an import", "409 `import_begun` once it is being written, or has ended."
    ),
    "GET events": Operation(
        "Read what happened",
        "The journal after `since`, the oldest first. 410: load a new snapshot.",
    ),
    "GET snapshot": Operation(
        "Read all of the herd",
        "One JSON object a line: `hello`, every row, `end`, with the cursor that it stands for.",
    ),
    "GET backups": Operation(
        "List backups", "The newest first. Only for keys with every scope, and administrators."
    ),
    "GET backups/{name}": Operation("Download a backup", "All of it, or the rest of it."),
    "GET status": Operation(
        "Read how the Pi is", "Counts, backlog, disk, database, clock, sources and more."
    ),
    "GET health": Operation(
        "Ask whether the Pi is well", "200, or 503 with the reasons. No key is needed."
    ),
    "GET metrics": Operation("Read figures for Prometheus"),
    "POST auth/login": Operation(
        "Check a person's name and password",
        "429 after too many wrong ones.",
        {"username": "ana", "password": "correct horse"},
    ),
    "GET auth/person": Operation(
        "Read the person that X-Office-User names", "404 where the account is closed."
    ),
}


def operation_of(method: str, path: str) -> Operation:
    """Return what is said of this method of this path, as in `/api/remote/pens/{id}`."""
    return OPERATIONS[f"{method} {_below_root(path)}"]


def tag_of(path: str) -> str:
    return _TAG_OF.get(_below_root(path).partition("/")[0], "The Pi")


def _below_root(path: str) -> str:
    return path.removeprefix(API_ROOT).removeprefix("/")
