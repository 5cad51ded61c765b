"""API keys in the admin: made here, shown once, revoked for good."""

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest
from rest_framework_api_key.models import APIKey

from remote.api.models import SCOPES, ApiKey

admin.site.unregister(APIKey)  # the package's own table; ours has scopes


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
