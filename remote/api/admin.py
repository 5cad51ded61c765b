"""People in the admin, each with one role; API keys, shown once and revoked for good."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import UserChangeForm, UserCreationForm
from django.contrib.auth.models import Group, User
from django.http import HttpRequest
from django.utils.html import format_html
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice
from rest_framework_api_key.models import APIKey

from remote.api.authentication import role_of
from remote.api.models import SCOPES, ApiKey
from remote.api.roles import give_role, is_the_only_administrator

admin.site.unregister(APIKey)  # the package's own table; ours has scopes
admin.site.unregister(User)
admin.site.unregister([TOTPDevice, StaticDevice])  # they show keys
admin.site.unregister(Group)  # the roles are given, and each start sets what they may


class ApiKeyForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    scopes = forms.MultipleChoiceField(
        choices=[(scope, scope) for scope in SCOPES], widget=forms.CheckboxSelectMultiple
    )


@admin.register(ApiKey)
class ApiKeyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not generic at run time
    form = ApiKeyForm
    fields = ["name", "scopes", "expiry_date", "revoked"]
    list_display = ["prefix", "name", "scopes", "created", "last_used_at", "expiry_date", "revoked"]
    list_filter = ["revoked"]
    search_fields = ["name", "prefix"]

    def save_model(
        self,
        request: HttpRequest,
        obj: ApiKey,
        form: "forms.ModelForm[ApiKey]",
        change: bool,  # noqa: FBT001 - Django's own signature
    ) -> None:
        if change:
            obj.save()
            return
        plain = ApiKey.objects.assign_key(obj)
        obj.save()
        self.message_user(request, f"The key, shown this once: {plain}", messages.WARNING)

    def get_readonly_fields(self, request: HttpRequest, obj: ApiKey | None = None) -> list[str]:
        """Lock every field of a revoked key: it stays revoked."""
        return ["revoked"] if obj is not None and obj.revoked else []


class RoleForm(forms.Form):
    role = forms.ChoiceField(
        choices=[
            ("viewer", "Viewer: looks at the office's pages"),
            ("manager", "Manager: changes the herd, in the office and here"),
            ("administrator", "Administrator: also keeps people and keys, and deletes pens"),
        ],
        widget=forms.RadioSelect,
    )


class NewPersonForm(UserCreationForm, RoleForm):  # type: ignore[type-arg]  # not generic at run time
    pass


class PersonForm(UserChangeForm, RoleForm):  # type: ignore[type-arg]  # not generic at run time
    password = None  # type: ignore[assignment]  # its hash, which tells nobody anything

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "role" in self.fields:  # it is not for who may look alone
            self.fields["role"].initial = role_of(self.instance)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        stays = cleaned.get("role") == "administrator" and cleaned.get("is_active")
        if not stays and is_the_only_administrator(self.instance):
            self.add_error("role", "This is the only administrator: make another one first.")
        return cleaned


@admin.register(User)
class PersonAdmin(UserAdmin):  # type: ignore[type-arg]  # not generic at run time
    """People, each with one of the three roles; Django's own permissions are not offered."""

    form = PersonForm
    add_form = NewPersonForm
    add_form_template = "admin/change_form.html"
    fieldsets = (
        (None, {"fields": ("username", "role", "is_active", "new_password")}),
        ("Who it is", {"fields": ("first_name", "last_name", "email")}),
        ("When", {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = ((None, {"fields": ("username", "role", "password1", "password2")}),)
    readonly_fields = ("new_password", "last_login", "date_joined")
    list_display = ("username", "role", "first_name", "last_name", "is_active", "last_login")
    list_filter = ("is_active",)
    filter_horizontal = ()

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Return none: people are deleted one at a time, never the last administrator."""
        return {}

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Return True for who may delete people, but not the only administrator."""
        is_needed = obj is not None and is_the_only_administrator(obj)
        return super().has_delete_permission(request, obj) and not is_needed

    def save_related(
        self,
        request: HttpRequest,
        form: Any,  # noqa: ANN401 - Django's own signature
        formsets: Any,  # noqa: ANN401 - as above
        change: bool,  # noqa: FBT001 - as above
    ) -> None:
        super().save_related(request, form, formsets, change)
        give_role(form.instance, form.cleaned_data["role"])

    @admin.display(description="role")
    def role(self, user: User) -> str:
        return role_of(user)

    @admin.display(description="Password")
    def new_password(self, _user: User) -> str:
        return format_html('<a class="button" href="{}">Give a new password</a>', "../password/")
