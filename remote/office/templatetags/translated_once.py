"""Django's tags of translation, of which `{% translate "…" %}` asks for its text once a language.

A page has a hundred of them, each of which took 10 µs to find the same words again. The settings
put this in the place of `i18n`, so that `makemessages` and templates know no other tag.
"""

from typing import Any, Final

from django import template
from django.template.base import Parser, Token
from django.template.context import Context
from django.templatetags import i18n
from django.utils.translation import get_language

LANGUAGE: Final = "language"  # in what a template remembers while it is rendered

register = template.Library()
register.tags.update(i18n.register.tags)
register.filters.update(i18n.register.filters)


class TranslatedOnce(template.Node):
    """A translated text that depends on nothing but the language."""

    child_nodelists = ()

    def __init__(self, node: Any) -> None:  # noqa: ANN401 - Django's, without types
        self._node = node
        self._texts: dict[str, str] = {}

    def render(self, context: Context) -> str:
        # Once a template: to ask for the language takes longer than all else here. None of ours
        # changes it in its midst.
        language = context.render_context.get(LANGUAGE)
        if language is None:
            language = context.render_context[LANGUAGE] = get_language() or ""
        text = self._texts.get(language)
        if text is None:
            text = self._texts[language] = self._node.render(context)
        return text


@register.tag("translate")
@register.tag("trans")
def translate(parser: Parser, token: Token) -> template.Node:
    node = i18n.do_translate(parser, token)
    expression = node.filter_expression
    is_text = isinstance(expression.var, template.Variable) and expression.var.literal is not None
    if not is_text or expression.filters or node.asvar or node.message_context:
        return node
    return TranslatedOnce(node)
