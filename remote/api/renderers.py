"""The API in a browser: what stands below a path, and a form for each change."""

from collections.abc import Mapping
from typing import Any

from django.urls import URLPattern, get_resolver
from rest_framework import exceptions, serializers
from rest_framework.renderers import BrowsableAPIRenderer
from rest_framework.request import Request, override_method

from remote.api.parameters import YES
from remote.api.schema_operations import OPERATIONS, operation_of
from remote.api.schema_sentences import Operation
from remote.wire import API_ROOT

PARTS = {"<int:pk>": "{id}", "<str:name>": "{name}"}  # of a route, as the documents write them


class PageRenderer(BrowsableAPIRenderer):
    accepted_media_type: str
    renderer_context: dict[str, Any]

    def get_context(self, data: Any, accepted_media_type: Any, renderer_context: Any) -> Any:  # noqa: ANN401 - the library names no type
        context = super().get_context(data, accepted_media_type, renderer_context)
        view, request = context["view"], context["request"]
        refused = context["response"].status_code >= 400 and isinstance(data, Mapping)
        return context | {
            "patch_form": self.get_rendered_html_form(data, view, "PATCH", request),
            "refusal": data.get("detail", "") if refused else "",
            "is_preview": request.query_params.get("preview", "").lower() in YES,
        }

    def get_name(self, view: Any) -> str:  # noqa: ANN401 - see above
        said = _said_of(view)
        return said.summary if said else str(super().get_name(view))

    def get_description(self, view: Any, status_code: int) -> str:  # noqa: ANN401 - see above
        said = _said_of(view)
        return said.description if said else ""

    def get_extra_actions(self, view: Any, status_code: int) -> dict[str, str] | None:  # noqa: ANN401 - see above
        """Return the paths that stand one step below the view's."""
        here = view.request.resolver_match.route.removesuffix("/")
        steps = [_step_below(here, route) for route in _routes()]
        place = view.request.path.removesuffix("/")
        return {step: f"{place}/{step}" for step in steps if step} or None

    def get_rendered_html_form(self, data: Any, view: Any, method: str, request: Request) -> Any:  # noqa: ANN401 - see above
        kind = getattr(view, "input_class", None)
        if method not in {"POST", "PATCH"} or kind is None:
            # Of its own it makes a form of what is read, too.
            return super().get_rendered_html_form(data, view, method, request)
        with override_method(view, request, method) as asked:
            if not self.show_form_for_method(view, method, asked, None):
                return None
        if request.method == method and self.renderer_context["response"].status_code >= 400:
            return self.render_form_for_serializer(_as_typed(kind, data, request))
        now = data if method == "PATCH" and isinstance(data, Mapping) else None
        return self.render_form_for_serializer(kind(now))

    def render_form_for_serializer(self, serializer: Any) -> Any:  # noqa: ANN401 - see above
        # Not validated anew, as the library does: its errors are those of the answer.
        shown = serializer.data
        for name, field in serializer.fields.items():
            if field.style.get("input_type") == "file":
                serializer._data.pop(name, None)  # noqa: SLF001 - 8 MiB, which no browser puts back
            elif isinstance(shown.get(name), list):
                serializer._data[name] = " ".join(map(str, shown[name]))  # noqa: SLF001 - as typed
        style = {"style": {"template_pack": "rest_framework/horizontal"}}
        return self.form_renderer_class().render(shown, self.accepted_media_type, style)


def _as_typed(kind: Any, data: Any, request: Request) -> serializers.Serializer[Any]:  # noqa: ANN401 - see above
    """Return the form with what was typed, and what the answer says of its fields."""
    try:
        typed = request.data
    except exceptions.APIException:  # no body that could be read
        return kind()  # type: ignore[no-any-return]  # a class of serializers
    made = kind(data=typed if isinstance(typed, Mapping) else {})
    made.is_valid()
    made._errors = dict(data.get("fields") or {"body": [data.get("detail", "")]})  # noqa: SLF001 - what `is_valid` fills
    return made  # type: ignore[no-any-return]  # see above


def _said_of(view: Any) -> Operation | None:  # noqa: ANN401 - see above
    method = "GET" if hasattr(view, "get") else "POST"
    path = "/" + view.request.resolver_match.route
    for part, name in PARTS.items():
        path = path.replace(part, name)
    return (
        operation_of(method, path)
        if f"{method} {path.removeprefix(API_ROOT)}" in OPERATIONS
        else None
    )


def _routes() -> list[str]:
    patterns = get_resolver("remote.api.urls").url_patterns
    root = API_ROOT.removeprefix("/")
    return [f"{root}{one.pattern}" for one in patterns if isinstance(one, URLPattern)]


def _step_below(here: str, route: str) -> str:
    """Return `move` of `cattle/<int:pk>/move` below `cattle/<int:pk>`, "" of what is elsewhere."""
    step = route.removeprefix(f"{here}/")
    return "" if step == route or "/" in step or "<" in step else step
