"""What the API's description says of the operations of weights, and of the scales they are from."""

from typing import Final

from remote.api.schema_sentences import Operation

WEIGHTS: Final[dict[str, Operation]] = {
    "GET weights": Operation("List weights"),
    "POST weights/{id}/void": Operation(
        "Void a weight",
        "It is taken out of every figure; the row stays, with the reason.",
        {"reason": "another animal stood on the scale"},
    ),
    "POST weights/{id}/unvoid": Operation(
        "Take the void of a weight back", "It is judged as if it were new. Once more is as once."
    ),
    "POST weights/{id}/accept": Operation(
        "Accept a weight",
        "A suspect one counts, and is not doubted again until it is void. Once more is as once.",
    ),
    "POST weights/{id}/replace": Operation(
        "Replace a weight",
        "The weight is void, and the one that is given is recorded in its place: of the same"
        " moment and session.",
        {"weight_kg": 435, "reason": "typed 425"},
    ),
    "POST weights/correct": Operation(
        "Correct the weights of a scale",
        "Those of some days, by a factor. `read_kg` keeps what the scale read. A step of the scale"
        " on the first day, or behind the last, is none any more. `change_id` takes it all back.",
        {
            "scale": "gateway:0011223344556677",
            "first": "2026-03-01",
            "last": "2026-03-09",
            "factor": 0.87,
            "reason": "calibrated with 100 kg",
        },
    ),
    "GET scale-steps": Operation(
        "List the days on which a scale was adjusted", "Found or told, the newest first."
    ),
    "POST scale-steps": Operation(
        "Say that a scale was adjusted",
        "On a day that is found already, or on another one: no gain crosses it.",
        {"scale": "gateway:0011223344556677", "day": "2026-03-10"},
    ),
    "POST scale-steps/{id}/undo": Operation(
        "Say that a scale was not adjusted", "The day counts no more, and is not found again."
    ),
    "GET scale-faults": Operation(
        "List the days on which a scale was at fault",
        "More than half of its weights are suspect, and none of those counts; the newest first.",
    ),
}
