"""What a sheet is imported with."""

import base64
from collections.abc import Mapping
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from rest_framework import serializers
from rest_framework.utils.html import is_html_input as is_form

from remote.api.input_fields import AnyText, Flag, Text


class _File(AnyText):
    pattern = "^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$"

    def get_value(self, dictionary: Mapping[str, Any]) -> Any:  # noqa: ANN401 - as its parent
        sent = super().get_value(dictionary)
        if not isinstance(sent, UploadedFile):
            return sent
        sent.seek(0)
        return base64.b64encode(sent.read()).decode()


class _Columns(serializers.DictField):
    def get_value(self, dictionary: Mapping[str, Any]) -> Any:  # noqa: ANN401 - as its parent
        sent = super().get_value(dictionary)
        return sent or serializers.empty if is_form(dictionary) else sent


class ImportInput(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(["animals", "weights", "treatments"])
    name = Text(100)
    data = _File(help_text="The file, base64.", style={"input_type": "file"})  # type: ignore[assignment]  # collected by the metaclass
    columns = _Columns(
        child=AnyText(allow_blank=True),
        required=False,
        help_text="Field → the sheet's header; absent: guessed.",
    )
    unit = serializers.ChoiceField(
        ["kg", "lb"],
        required=False,
        allow_blank=True,
        help_text="Of the weights; refused where the sheet says otherwise. Empty: that of the"
        " sheet. Absent: that of a line above the headers, else kg.",
    )
    date_order = serializers.ChoiceField(
        ["dmy", "mdy", "ymd"],
        required=False,
        allow_blank=True,
        help_text="Of dates such as 03/04/2026, where nothing of the sheet tells.",
    )
    header_line = serializers.IntegerField(
        min_value=0,
        max_value=1_000_000,
        required=False,
        allow_null=True,
        help_text="The line that names the columns, counted from 1; 0: none does. Absent: found.",
    )
    weighed_on = serializers.DateField(
        required=False,
        allow_null=True,
        help_text="The day of all weights for which the sheet tells none.",
    )
    weighed_now = Flag(
        default=False,
        help_text="No column of the sheet is the day of weighing, whatever it looks like.",
    )
    make_pending = Flag(
        default=False, help_text="An animal that nobody knows becomes a pending one."
    )
    skip_bad_rows = Flag(
        default=False, help_text="The good rows are imported, and those with errors left out."
    )
    even_if_full = Flag(
        default=False, help_text="Animals come into pens that have no room for them, too."
    )
