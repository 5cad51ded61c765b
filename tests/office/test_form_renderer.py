"""Forms that are written by hand say what Django's own templates say."""

from typing import Any

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates
from django.test.html import parse_html

from remote.office.forms.renderer import BY_HAND, FormRenderer

GROUPED = [("", "–"), ("Pens", [(1, "P<1>"), (2, "P&2")]), ("3", "None")]
FLAT = [("a", "A & B"), ("b", "<b>")]


class Every(forms.Form):
    """Each kind of field that the office has, and some more."""

    error_css_class, required_css_class = "wrong", "needed"

    key = forms.CharField(initial='k"1', widget=forms.HiddenInput)
    text = forms.CharField(
        label='Name "x"',
        help_text='See <a href="/x">this</a>.',
        widget=forms.TextInput(
            attrs={"class": "code", "data-scan-here": True, "spellcheck": False}
        ),
    )
    lines = forms.CharField(required=False, initial="<1>\n2", widget=forms.Textarea({"rows": 3}))
    number = forms.DecimalField(label="", required=False, initial=1.5, min_value=0)
    day = forms.DateField(required=False, widget=forms.DateInput({"type": "date"}))
    at = forms.DateTimeField(required=False, widget=forms.DateTimeInput({"type": "datetime-local"}))
    seen = forms.CharField(required=False, initial="A&B", show_hidden_initial=True)
    mail = forms.EmailField(required=False)
    secret = forms.CharField(required=False, widget=forms.PasswordInput)
    sheet = forms.FileField(required=False, widget=forms.FileInput)
    tick = forms.BooleanField(required=False, initial=True, help_text="Ticked & told")
    one = forms.ChoiceField(choices=GROUPED, required=False, initial=2)
    radio = forms.ChoiceField(
        choices=GROUPED, required=False, widget=forms.RadioSelect({"class": "row"})
    )
    flat = forms.ChoiceField(choices=FLAT, initial="b", help_text="One", widget=forms.RadioSelect)
    many = forms.MultipleChoiceField(
        choices=FLAT, required=False, widget=forms.CheckboxSelectMultiple
    )
    last = forms.CharField(widget=forms.HiddenInput, required=False)

    def clean(self) -> dict[str, Any]:
        self.add_error(None, "All <wrong>")
        return self.cleaned_data


class Hidden(forms.Form):
    key = forms.CharField(widget=forms.HiddenInput)


def both(kind: Any, *args: Any, **options: Any) -> list[str]:
    renderers = FormRenderer(), DjangoTemplates()
    return [str(kind(*args, renderer=one, **options)) for one in renderers]


SENT = {"text": '"><script>', "lines": "</textarea>", "tick": "", "radio": "3", "many": ["a", "b"]}


@pytest.mark.parametrize("kind", [Every, Hidden])
@pytest.mark.parametrize("sent", [(), ({},), (SENT,), ({"number": "x", "day": "1", "one": "9"},)])
@pytest.mark.parametrize("options", [{}, {"auto_id": False}, {"prefix": "p"}])
def test_a_form_by_hand_is_what_its_templates_make(
    kind: type[forms.Form], sent: tuple[Any, ...], options: dict[str, Any]
) -> None:
    ours, django = both(kind, *sent, **options)
    assert parse_html(ours) == parse_html(django)
    assert "<script>" not in ours


def test_what_is_by_hand_is_a_template_of_django() -> None:
    for name in BY_HAND:
        assert DjangoTemplates().get_template(name)


def test_nothing_of_such_a_form_goes_through_a_template(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_self: object, name: str) -> None:
        raise AssertionError(name)

    monkeypatch.setattr(FormRenderer, "get_template", refuse)
    str(Every(renderer=FormRenderer()))
