"""What viewers, managers and administrators may do in the Pi's admin, and who gets in there."""

from collections.abc import Callable
from functools import update_wrapper
from math import ceil
from typing import Any, Final, TypeVar, cast

from django import forms
from django.contrib.admin import AdminSite
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.models import AbstractUser, Group, Permission, User
from django.db import DataError
from django.db.models import Q
from django.http import HttpRequest, HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import path

from remote.api import second_factor
from remote.api.admin_queries import wrong_with_query
from remote.api.authentication import ROLES, role_of
from remote.api.views import second_factor as second_factor_page
from remote.throttle import login_throttle

SEEN: Final = ("herd", "lora")  # apps whose tables every role may look at
_EDITED: Final = (
    *("batch", "pen", "animal", "weightrecord", "scalestep", "product", "treatment", "pull"),
    *("lorapayload", "reversiblechange"),
)
_CHANGES: Final = tuple(f"change_{table}" for table in _EDITED)
_ADDED: Final = ("add_batch", "add_pen", "add_weightrecord", "add_product", "add_treatment")
MANAGED: Final = (*_ADDED, *_CHANGES)
ADMINISTERED: Final = ("delete_pen", "delete_devicecounter")
ADMINISTERED_APPS: Final = ("auth", "remote")  # people, and keys for machines
INTO_THE_ADMIN: Final = ("administrator", "manager")
View = TypeVar("View", bound=Callable[..., HttpResponseBase])


def ensure_groups() -> None:
    """Make the three groups with their permissions; repeating it changes nothing."""
    for role in ROLES:
        group, _ = Group.objects.get_or_create(name=role)
        group.permissions.set(Permission.objects.filter(_permissions(role)))


def _permissions(role: str) -> Q:
    seen = Q(content_type__app_label__in=SEEN, codename__startswith="view_")
    if role == "viewer":
        return seen
    managed = seen | Q(content_type__app_label__in=SEEN, codename__in=MANAGED)
    if role == "manager":
        return managed
    return managed | Q(codename__in=ADMINISTERED) | Q(content_type__app_label__in=ADMINISTERED_APPS)


def give_role(user: User, role: str) -> None:
    """Give a person this role and no other."""
    if not Group.objects.filter(name=role).exists():
        ensure_groups()
    user.groups.set(Group.objects.filter(name=role))
    if role != "administrator" and (user.is_superuser or user.is_staff):
        user.is_superuser = user.is_staff = False  # Django's own flags let in past any role
        user.save(update_fields=["is_superuser", "is_staff"])


def is_the_only_administrator(user: User) -> bool:
    """Return whether nobody else could let people in."""
    if role_of(user) != "administrator":
        return False
    administers = Q(is_superuser=True) | Q(groups__name="administrator")
    others = User.objects.filter(administers, is_active=True).exclude(pk=user.pk)
    return not others.exists()


def may_enter(user: AbstractUser) -> bool:
    return user.is_active and (user.is_staff or role_of(user) in INTO_THE_ADMIN)


class ThrottledForm(AuthenticationForm):
    """A sign-in form in which wrong passwords and codes slow down the next try."""

    code = forms.CharField(
        label="Code, where your account asks for one",
        required=False,
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code"}),
    )

    def clean(self) -> dict[str, Any]:
        name = str(self.cleaned_data.get("username", ""))
        address = str(self.request.META.get("REMOTE_ADDR", "")) if self.request else ""
        # One throttle with the offices' sign-in: two would let twice the guesses through.
        if wait := login_throttle.enter(name, address):
            raise forms.ValidationError(
                f"Too many wrong passwords. Try again in {ceil(wait)} s.", code="throttled"
            )
        try:
            cleaned: dict[str, Any] = super().clean()
        except forms.ValidationError as error:
            after = login_throttle.half_succeeded
            if error.code in {"invalid_login", "role"}:
                is_wrong = error.code == "invalid_login"
                after = login_throttle.failed if is_wrong else login_throttle.succeeded
            after(name, address)
            raise
        login_throttle.succeeded(name, address)
        return cleaned

    def confirm_login_allowed(self, user: Any) -> None:  # noqa: ANN401 - as its parent
        """Ask for the second factor, where the account has one."""
        super().confirm_login_allowed(user)
        if refusal := second_factor.refusal_of(user, self.cleaned_data.get("code", "")):
            raise forms.ValidationError(refusal.sentence, code=refusal.code)


class SignInForm(ThrottledForm):
    """The admin's sign-in, which refuses viewers: they have nothing to do there."""

    def confirm_login_allowed(self, user: User) -> None:
        if not may_enter(user):
            raise forms.ValidationError(
                "Your role may look at the office's pages, but not come in here.", code="role"
            )
        super().confirm_login_allowed(user)


class FarmAdminSite(AdminSite):
    """The admin, into which managers come by their role and not by Django's staff flag."""

    site_header = "HexaBrand"
    site_title = "HexaBrand"
    index_title = "The farm"
    site_url = None
    # A bar above has the tables: beside a list they cost its last columns.
    enable_nav_sidebar = False
    login_form = SignInForm

    def get_urls(self) -> list[Any]:
        """Return the admin's paths, with that of a person's second factor."""
        own = path("second-factor/", self.admin_view(self.second_factor), name="second_factor")
        return [own, *super().get_urls()]

    def second_factor(self, request: HttpRequest) -> HttpResponseBase:
        return second_factor_page.page(request, self.each_context(request))

    def has_permission(self, request: HttpRequest) -> bool:
        return isinstance(request.user, AbstractUser) and may_enter(request.user)

    def admin_view(self, view: View, cacheable: bool = False) -> View:  # noqa: FBT001, FBT002 - Django's own signature
        """Refuse what no page of the admin asks for, before it is looked up."""
        inner = super().admin_view(view, cacheable)

        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if self.has_permission(request) and (wrong := wrong_with_query(request, view)):
                return self._refused(request, wrong)
            try:
                return inner(request, *args, **kwargs)
            except (OverflowError, DataError):  # in a form, or in a list of rows that are ticked
                return self._refused(request, "A number is too large, or a day past the calendar.")

        return cast("View", update_wrapper(checked, view))

    def _refused(self, request: HttpRequest, sentence: str) -> HttpResponseBase:
        context = {**self.each_context(request), "title": "Not understood", "sentence": sentence}
        return TemplateResponse(request, "admin/refused_query.html", context, status=400)
