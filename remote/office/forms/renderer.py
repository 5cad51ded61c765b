"""Writes the fields of forms by hand: through Django's templates they took half of a form's page.

Each function writes what the template says that `BY_HAND` names it for, out of that template's
context; a test compares the two. Of what stands nowhere here Django's own template is taken.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from django.forms.boundfield import BoundField
from django.forms.renderers import DjangoTemplates
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

Context = Mapping[str, Any]

NOTHING: Final = SafeString("")


class FormRenderer(DjangoTemplates):
    def render(self, template_name: str, context: Context, request: Any = None) -> str:  # noqa: ANN401 - as the library
        if (by_hand := BY_HAND.get(template_name)) is not None:
            return by_hand(context)
        return super().render(template_name, dict(context), request)


def _form(context: Context) -> SafeString:
    hidden = _joined(context["hidden_fields"])
    errors, fields = _shown(context["errors"]), context["fields"]
    if not fields:
        return errors + (format_html("<div>{}</div>", hidden) if errors else hidden)
    *firsts, last = fields
    groups = [_group(one) for one, _errors in firsts] + [_group(last[0], hidden)]
    return errors + _joined(groups)


def _group(field: BoundField, hidden: SafeString = NOTHING) -> SafeString:
    classes = _attribute("class", field.css_classes())
    return format_html("<div{}>{}{}</div>", classes, field.as_field_group(), hidden)


def _field(context: Context) -> SafeString:
    field: BoundField = context["field"]
    label = NOTHING
    if field.label:
        label = field.legend_tag() if field.use_fieldset else field.label_tag()
    named = _attribute("id", f"{field.auto_id}_helptext" if field.auto_id else "")
    # A form's own help is no text of others: its links are meant, as in Django's template.
    told = mark_safe(field.help_text)  # noqa: S308 - of this project's forms
    told = format_html('<div class="helptext"{}>{}</div>', named, told) if told else NOTHING
    whole = _joined((label, told, _shown(field.errors), field))
    if not field.use_fieldset:
        return whole
    described = _attribute("aria-describedby", field.aria_describedby)
    return format_html("<fieldset{}>{}</fieldset>", described, whole)


def _label(context: Context) -> SafeString:
    if not context["use_tag"]:
        return conditional_escape(context["label"])
    attributes, tag = _attributes(context["attrs"] or {}), context["tag"]
    return format_html("<{}{}>{}</{}>", tag, attributes, context["label"], tag)


def _shown(errors: Any) -> SafeString:  # noqa: ANN401 - Django's ErrorList
    return errors.render() if errors else NOTHING


def _input(context: Context) -> SafeString:
    widget = context["widget"]
    value = widget["value"]
    told = NOTHING if value is None else format_html(' value="{}"', value)
    kind, name, attributes = widget["type"], widget["name"], _attributes(widget["attrs"])
    return format_html('<input type="{}" name="{}"{}{}>', kind, name, told, attributes)


def _textarea(context: Context) -> SafeString:
    widget = context["widget"]
    name, attributes, text = widget["name"], _attributes(widget["attrs"]), widget["value"] or ""
    return format_html('<textarea name="{}"{}>\n{}</textarea>', name, attributes, text)


def _choices(context: Context) -> SafeString:
    """Write a group of radio buttons or of ticks."""
    widget = context["widget"]
    groups = []
    for name, options, _index in widget["optgroups"]:
        ticks = format_html_join("", "<div>{}</div>", ((_choice(one),) for one in options))
        labelled = format_html("<div><label>{}</label>{}</div>", name, ticks) if name else ticks
        groups.append(labelled)
    attributes = [_attribute(name, widget["attrs"].get(name)) for name in ("id", "class")]
    return format_html("<div{}{}>{}</div>", *attributes, _joined(groups))


def _choice(option: Mapping[str, Any]) -> SafeString:
    button = _input({"widget": option})
    if not option["wrap_label"]:
        return button
    named = _attribute("for", option["attrs"].get("id"))
    return format_html("<label{}>{} {}</label>", named, button, option["label"])


def _select(context: Context) -> SafeString:
    widget = context["widget"]
    groups = []
    for name, options, _index in widget["optgroups"]:
        within = _joined(map(_option, options))
        labelled = format_html('<optgroup label="{}">{}</optgroup>', name, within)
        groups.append(labelled if name else within)
    name, attributes = widget["name"], _attributes(widget["attrs"])
    return format_html('<select name="{}"{}>{}</select>', name, attributes, _joined(groups))


def _option(option: Mapping[str, Any]) -> SafeString:
    value, attributes = option["value"], _attributes(option["attrs"])
    return format_html('<option value="{}"{}>{}</option>', value, attributes, option["label"])


def _attributes(named: Mapping[str, Any]) -> SafeString:
    """Write attributes: of True the name alone, of False none."""
    told = ((name, value) for name, value in named.items() if value is not False)
    return _joined(
        format_html(" {}", name) if value is True else format_html(' {}="{}"', name, value)
        for name, value in told
    )


def _attribute(name: str, value: object) -> SafeString:
    return format_html(' {}="{}"', name, value) if value else NOTHING


def _joined(parts: Iterable[Any]) -> SafeString:
    return SafeString("".join(map(str, parts)))


INPUTS: Final = (
    *("checkbox", "date", "datetime", "email", "file", "hidden", "number"),
    *("password", "search", "text", "time"),
)
BY_HAND: Final[dict[str, Callable[[Context], SafeString]]] = {
    "django/forms/div.html": _form,
    "django/forms/field.html": _field,
    "django/forms/label.html": _label,
    **{f"django/forms/widgets/{name}.html": _input for name in INPUTS},
    "django/forms/widgets/textarea.html": _textarea,
    "django/forms/widgets/select.html": _select,
    "django/forms/widgets/radio.html": _choices,
    "django/forms/widgets/checkbox_select.html": _choices,
}
