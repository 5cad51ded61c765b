"""What the API's description says of the operations of shipments."""

from typing import Final

from remote.api.schema_sentences import ALL_OR_NONE, NOT_CLEAR, STALE, Operation

SHIPMENTS: Final[dict[str, Operation]] = {
    "GET shipments": Operation(
        "List shipments",
        "The newest first, with the head planned, loaded, missing and extra.",
    ),
    "POST shipments": Operation(
        "Plan a shipment",
        "Without a number its day is its number. 409 `name_taken` where another has the number.",
        {
            "shipment_number": "S-17",
            "day": "2026-09-01",
            "destination": "Packer North",
            "premises_from": "QABC1234",
            "premises_to": "QXYZ5678",
            "planned_head": 40,
        },
    ),
    "GET shipments/{id}": Operation(
        "Read a shipment",
    ),
    "PATCH shipments/{id}": Operation(
        "Change a shipment",
        f"{STALE} Of one that has left, only the `notes`; else 409 `wrong_state`.",
        {"carrier": "Rio Transport"},
    ),
    "GET shipments/{id}/animals": Operation(
        "List a shipment's animals",
        "`state`: loaded (and planned), missing (planned, not loaded) or extra (loaded only).",
    ),
    "POST shipments/{id}/animals": Operation(
        "Plan animals for a shipment",
        (
            f"By number, of a pen or of a batch; `remove` takes them out. {ALL_OR_NONE} 409"
            " `in_shipment` where one stands in another shipment that has not left."
        ),
        {"cattle_ids": [4711, 4712]},
    ),
    "POST shipments/{id}/begin": Operation(
        "Begin to load a shipment",
        "From now on its animals are ticked as they are read.",
    ),
    "POST shipments/{id}/load": Operation(
        "Load an animal",
        (
            "By its number or a tag. A planned one is ticked, another one stands there as extra."
            " 409 `has_left`, `in_shipment` or `wrong_state`. Once more is as once."
        ),
        {"tag": "982000001088420"},
    ),
    "POST shipments/{id}/unload": Operation(
        "Take an animal off again",
        "Once more is as once.",
        {"cattle_id": 4711},
    ),
    "POST shipments/{id}/ship": Operation(
        "Ship a shipment",
        (
            "The planned animals that are loaded are exported, with the extra ones that are named:"
            f" {ALL_OR_NONE.lower()} The manifest is kept as it is then. `change_id` takes it back."
            f" {NOT_CLEAR} With `preview` the answer has the `manifest` as it would be: who"
            " leaves and is held, who is missing, who stays behind. Where some are not clear it is"
            " 200 all the same, and `refused` and `refused_code` say so."
        ),
        {"with_extra": [4713]},
    ),
    "POST shipments/{id}/cancel": Operation(
        "Cancel a shipment",
        "Its animals are free for another.",
        {"reason": "no truck"},
    ),
    "POST shipments/{id}/reported": Operation(
        "Note that a shipment was reported",
        "To the national database, `on` which day; null: it was not.",
        {"on": "2026-09-02"},
    ),
    "GET shipments/{id}/manifest": Operation(
        "Read a shipment's manifest",
        "As it left. 409 `wrong_state` until then.",
    ),
    "GET shipments/{id}/files/{name}": Operation(
        "Download a file to report a shipment with",
        "CSV with the columns of the setting `SHIPMENT_FILES`, a line for each animal that left.",
    ),
}
