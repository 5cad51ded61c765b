"""A number that a person types, with a comma or a point before the decimals."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext

# 1,250 is a bull to one clerk and a kilogram and a quarter to another: nobody guesses.
THOUSANDS = re.compile(r"[0-9]{1,3}([.,][0-9]{3})*,[0-9]{3}([.,][0-9]*)?|[0-9.,]*[.,][0-9]*[.,].*")


class DecimalText(forms.DecimalField):
    """A decimal number, with a comma or a point before the decimals."""

    # No number input: a browser drops the comma that it does not expect, and 351,5 becomes 3515.
    widget = forms.TextInput

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {**super().widget_attrs(widget), "inputmode": "decimal", "autocomplete": "off"}

    def clean(self, value: Any) -> Any:  # noqa: ANN401 - as Django's
        text = str(value or "").strip()
        if THOUSANDS.fullmatch(text):
            sentence = gettext(
                "“%s” can be read in two ways. Write it without a sign for thousands, and with one"
                " sign before the decimals: 1250 or 351.5."
            )
            raise forms.ValidationError(sentence % text)
        return super().clean(text.replace(",", "."))
