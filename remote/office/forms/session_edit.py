"""The form that changes what is written down of a session."""

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from remote.office.forms.form import Change, EditForm


class EditSession(EditForm):
    title = _("Edit session")
    section = "sessions"

    name = forms.CharField(label=_("Name"), max_length=100)
    source = forms.ChoiceField(
        label=_("Listens to"),
        required=False,
        help_text=_("What this gateway or reader hears meanwhile falls into the session."),
    )
    notes = forms.CharField(
        label=_("Notes"), max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def prepare(self) -> None:
        session = self.asking.row("sessions")
        self.back = f"/office/sessions/{session['id']}"
        self.begin_with(session)
        heard = [row["name"] for row in (self.asking.mirror.status or {}).get("sources", ())]
        names = dict.fromkeys(("", *filter(None, (session["source"], self.seen("source"))), *heard))
        choices = [(name, name or gettext("nothing")) for name in names]
        self.fields["source"].choices = choices  # type: ignore[attr-defined]  # the form's field is known by its name alone

    def change(self) -> Change:
        return self.edit(f"sessions/{self.asking.arguments['pk']}")
