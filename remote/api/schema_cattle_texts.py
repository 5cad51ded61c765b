"""What the API's description says of the operations of animals, and of one animal's weights."""

from typing import Final

from remote.api.schema_sentences import ALL_OR_NONE, NOT_CLEAR, STALE, Operation

CATTLE: Final[dict[str, Operation]] = {
    "GET cattle": Operation(
        "List animals",
        "`tag` takes any spelling of an EID or EPC; where no animal wears it now, it finds those"
        " that wore it before. `none` as `batch` or `pen` finds animals that have none.",
    ),
    "POST cattle": Operation(
        "Enter an animal",
        "One that no radio and no sheet brought, on feed since its induction, or today. 409"
        " `tag_conflict` where another animal wears its tag, `pen_full` where there is no room.",
        {"lf_tag": "982000001088420", "visual_id": "755", "sex": "steer", "pen_id": 12},
    ),
    "GET cattle/{id}": Operation("Read an animal"),
    "PATCH cattle/{id}": Operation(
        "Change what is written down of an animal",
        STALE,
        {"notes": "limps", "seen": {"notes": ""}},
    ),
    "POST cattle/{id}/move": Operation(
        "Move an animal",
        "To another pen, another batch or both. 409 `pen_full` unless `force` is given, with a"
        " reason. To a pen now, or at `moved_at`; where it was moved since, now. `from_pen_id` is"
        " where it stood before.",
        {"pen_id": 12, "reason": "sorted"},
    ),
    "POST cattle/move": Operation(
        "Move many animals", ALL_OR_NONE, {"cattle_ids": [4711, 4712], "pen_id": 12}
    ),
    "POST cattle/{id}/status": Operation(
        "Mark an animal as exported, dead or sold",
        "Since which day, and why: dead and sold need a reason. `active` brings it back on feed."
        f" {NOT_CLEAR}",
        {"status": "sold", "on": "2026-09-01", "reason": "lot 7"},
    ),
    "POST cattle/status": Operation(
        "Mark many animals as exported, dead or sold",
        f"{ALL_OR_NONE} 409 `has_left` where some have left in another way, unless `again`."
        f" {NOT_CLEAR}",
        {"cattle_ids": [4711, 4712], "status": "exported"},
    ),
    "POST cattle/{id}/tags": Operation(
        "Give an animal new tags",
        "The old ones stay in its history. 409 `tag_conflict` where another animal wears one;"
        " `take_over` takes it from there. `change_id` takes it all back.",
        {"lf_tag": "982000001088420", "reason": "lost"},
    ),
    "GET cattle/{id}/weights": Operation("List an animal's weights"),
    "POST cattle/{id}/weights": Operation(
        "Record a weighing",
        "Now, or at `recorded_at`. One that cannot be right is kept as `suspect`; `warning` says"
        " where the animal had left by then.",
        {"weight_kg": 351.5, "recorded_at": "2026-03-01T12:00:00Z"},
    ),
    "GET cattle/{id}/history": Operation(
        "Read an animal's past",
        "Reads, tags, moves, weights, voids and edits, the newest first.",
    ),
}
