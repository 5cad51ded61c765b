"""Forms that treat animals, one or many, and those of the products."""

from decimal import Decimal
from typing import Any, Final

from django import forms
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from herd.rules.withdrawal import LONGEST_DAYS
from remote.office import clocks
from remote.office.forms.cattle import AnimalForm, reason_field, why_gone
from remote.office.forms.decimal_text import DecimalText
from remote.office.forms.form import DAY, Change, EditForm, OfficeForm, plain
from remote.office.forms.many import ManyForm
from remote.office.mirror.mirror import Mirror, Row
from remote.office.pages.labels import named
from remote.office.pages.page import NoSuchPage
from remote.office.pages.products import expired

KINDS: Final = ("antibiotic", "vaccine", "implant", "dewormer", "other")


def products_in_use(mirror: Mirror) -> list[tuple[str, str]]:
    """Return the products that may be given, by name, with the days of their withdrawal."""
    rows = [row for row in mirror.tables["products"].values() if row["active"]]
    rows.sort(key=lambda row: row["name"].casefold())
    return [(str(row["id"]), _told(mirror, row)) for row in rows]


def _told(mirror: Mirror, product: Row) -> str:
    days = product["withdrawal_days"]
    text = ngettext("%(name)s (%(days)d day)", "%(name)s (%(days)d days)", days)
    told = text % {"name": product["name"], "days": days}
    return " · ".join(filter(None, (told, expired(mirror, product))))


class TreatFields(OfficeForm):
    title = _("Treat")
    button = _("Treat")

    product_id = forms.ChoiceField(label=_("Product"))
    amount = DecimalText(
        label=_("Amount"),
        min_value=0,
        max_digits=7,
        decimal_places=2,
        required=False,
        help_text=_("Leave empty for the dose by weight, where the product says it."),
    )
    unit = forms.CharField(label=_("Unit of the amount"), max_length=20, required=False)
    lot_no = forms.CharField(
        label=_("Lot number"),
        max_length=50,
        required=False,
        help_text=_("Leave empty for the product's current one."),
    )
    given_at = forms.DateTimeField(
        label=_("When"),
        required=False,
        help_text=_("Leave empty for the time now."),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    reason = reason_field()

    def prepare(self) -> None:
        super().prepare()
        choices = products_in_use(self.asking.mirror)
        if not choices:
            raise NoSuchPage(gettext("No product is in use. Enter one first."))
        self.fields["product_id"].choices = [("", gettext("choose")), *choices]  # type: ignore[attr-defined]  # the form's field is known by its name alone

    def body(self) -> dict[str, Any]:
        """Return what is said; what is left empty is the product's, and the time is now."""
        given = self.cleaned_data
        body: dict[str, Any] = {"product_id": int(given["product_id"])}
        body |= {name: given[name] for name in ("unit", "lot_no", "reason") if given[name]}
        if given["given_at"]:
            body["given_at"] = plain(clocks.typed(self.asking.mirror, given["given_at"]))
        return body if given["amount"] is None else {**body, "amount": str(given["amount"])}


class TreatAnimal(TreatFields, AnimalForm):
    def context(self) -> dict[str, Any]:
        gone = why_gone(self.animal)
        before = gettext("Say when it was treated, before that.")
        return {**super().context(), "hint": f"{gone} {before}" if gone else ""}

    def change(self) -> Change:
        done = gettext("The treatment is recorded.")
        return Change("POST", f"{self.path}/treatments", self.body(), done, self.back)


class TreatMany(TreatFields, ManyForm):
    def told_of_gone(self, count: int) -> str:
        return ngettext(
            "%(gone)d of %(all)d has left and is not treated: %(names)s.",
            "%(gone)d of %(all)d have left and are not treated: %(names)s.",
            count,
        )

    def change(self) -> Change:
        count = len(self.concerned())
        done = ngettext("%d animal treated.", "%d animals treated.", count) % count
        return self.ask("treatments", self.body(), done)


class ProductForm(OfficeForm):
    section = "products"
    back = "/office/products"

    name = forms.CharField(label=_("Name"), max_length=100)
    kind = forms.ChoiceField(label=_("Kind"))
    withdrawal_days = forms.IntegerField(
        label=_("Withdrawal, days"),
        min_value=0,
        max_value=LONGEST_DAYS,
        help_text=_("So many days after a treatment the animal is clear; 0 for at once."),
    )
    ml_per_100kg = DecimalText(
        label=_("ml per 100 kg"),
        max_digits=6,
        decimal_places=2,
        min_value=Decimal("0.01"),
        required=False,
        help_text=_("The dose is worked out by the last weight; leave empty where it is not."),
    )
    dose = forms.CharField(label=_("Dose, in words"), max_length=200, required=False)
    route = forms.CharField(label=_("Route"), max_length=50, required=False)
    lot_no = forms.CharField(label=_("Lot number"), max_length=50, required=False)
    expires_on = forms.DateField(label=_("Expires on"), required=False, widget=DAY)
    active = forms.BooleanField(label=_("In use"), required=False, initial=True)

    def prepare(self) -> None:
        super().prepare()
        self.fields["kind"].choices = [(kind, named(kind)) for kind in KINDS]  # type: ignore[attr-defined]  # as above

    def changed_values(self) -> dict[str, Any]:
        values = super().changed_values()
        return {n: str(one) if isinstance(one, Decimal) else one for n, one in values.items()}


class NewProduct(ProductForm):
    title = _("New product")
    button = _("Enter the product")

    def change(self) -> Change:
        given = {name: value for name, value in self.cleaned_data.items() if name != "key"}
        body = {name: plain(value) for name, value in given.items() if value not in {None, ""}}
        if given["ml_per_100kg"] is not None:
            body["ml_per_100kg"] = str(given["ml_per_100kg"])
        done = gettext("%s is entered.") % body["name"]
        return Change("POST", "products", body, done, self.back)


class EditProduct(EditForm, ProductForm):
    title = _("Edit product")

    def prepare(self) -> None:
        super().prepare()
        self.begin_with(self.asking.row("products"))

    def change(self) -> Change:
        return self.edit(f"products/{self.asking.arguments['pk']}")
