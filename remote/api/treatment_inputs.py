"""What a product is entered with, and what a treatment is given with."""

from decimal import Decimal
from typing import Any, Final

from rest_framework import serializers

from herd.models import Product
from herd.operations.treating import MOST_AMOUNT
from herd.rules.withdrawal import LONGEST_DAYS
from remote.api.input_fields import Flag, Number, Quantity, Text, one_alone
from remote.api.inputs import MOST_ANIMALS, InSession, Numbers, Place, Reason, SeenInput

MOST_ML: Final = Decimal("9999.99")


class ProductInput(serializers.Serializer[Any]):
    name = Text(100, allow_blank=False, required=True)
    kind = serializers.ChoiceField(Product.Kind.values, required=False)
    withdrawal_days = serializers.IntegerField(min_value=0, max_value=LONGEST_DAYS, required=False)
    dose = Text(200)
    ml_per_100kg = Quantity(MOST_ML, required=False, allow_null=True)
    route = Text(50)
    lot_no = Text(50)
    expires_on = serializers.DateField(required=False, allow_null=True)
    active = Flag(required=False)


class ProductEdit(SeenInput, ProductInput):
    pass


class TreatInput(InSession, Reason):
    product_id = Number()
    amount = Quantity(
        MOST_AMOUNT,
        required=False,
        allow_null=True,
        help_text="Absent: by the last good weight, where the product says how many ml per 100 kg.",
    )
    unit = Text(20)
    lot_no = Text(50, help_text="Absent: the product's current one.")
    route = Text(50)
    given_at = serializers.DateTimeField(required=False)


class TreatManyInput(TreatInput):
    cattle_ids = Numbers(
        child=Number(),
        required=False,
        min_length=1,
        max_length=MOST_ANIMALS,
        style={"base_template": "textarea.html"},
    )
    pen_id = Place(required=False, help_text="Those on feed in the pen.")
    batch_id = Place(required=False, help_text="Those on feed of the batch.")

    rules = one_alone("cattle_ids", "pen_id", "batch_id")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if sum(name in attrs for name in ("cattle_ids", "pen_id", "batch_id")) != 1:
            sentence = "Give either cattle_ids or pen_id or batch_id."
            raise serializers.ValidationError({"cattle_ids": [sentence]})
        return attrs
