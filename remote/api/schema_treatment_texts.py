"""What the API's description says of the operations of products and treatments."""

from typing import Final

from remote.api.schema_sentences import ALL_OR_NONE, STALE, Operation

TREATMENTS: Final[dict[str, Operation]] = {
    "GET products": Operation("List products"),
    "POST products": Operation(
        "Enter a product",
        "409 `name_taken` where another product has the name, also in other capitals.",
        {"name": "Oxytetracycline 200", "kind": "antibiotic", "withdrawal_days": 28}
        | {"ml_per_100kg": 10, "lot_no": "A113", "expires_on": "2027-06-30"},
    ),
    "GET products/{id}": Operation("Read a product"),
    "PATCH products/{id}": Operation(
        "Change a product, or take it out of use",
        f"{STALE} Treatments with it stay as they were given.",
        {"active": False},
    ),
    "GET cattle/{id}/treatments": Operation("List an animal's treatments"),
    "POST cattle/{id}/treatments": Operation(
        "Treat an animal",
        "Now, or at `given_at`. Without `amount` the dose is by its last good weight, where the"
        " product says how many ml per 100 kg. It is not clear before `clear_on`.",
        {"product_id": 3, "reason": "foot rot"},
    ),
    "GET treatments": Operation("List treatments"),
    "POST treatments": Operation(
        "Treat many animals",
        f"`cattle_ids`, or those on feed of `pen_id` or `batch_id`. {ALL_OR_NONE}",
        {"pen_id": 12, "product_id": 3},
    ),
    "POST treatments/{id}/void": Operation(
        "Void a treatment",
        "It holds its animal no longer; the row stays, with the reason.",
        {"reason": "another animal was in the chute"},
    ),
}
