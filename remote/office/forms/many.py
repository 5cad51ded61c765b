"""A form about many animals at once: which they are, and what is said of those that have left."""

from collections.abc import Iterator
from functools import cached_property
from typing import Any, Final

from django import forms
from django.utils.html import format_html_join
from django.utils.translation import get_language, gettext, ngettext

from remote.office.forms.form import Change, OfficeForm
from remote.office.mirror.index import ON_FEED
from remote.office.pages.animal_row import chip
from remote.office.pages.animals import chosen_ids, group_asked, name_of
from remote.office.pages.page import NoSuchPage, whole_number

MOST_AT_ONCE: Final = 5_000  # in one request and one transaction of the Pi
GONE_NAMED: Final = 20
NAMED: Final = 100  # of those that are chosen: more would only be scrolled past


class ManyForm(OfficeForm):
    """A form about the animals that a list had ticked, or all that its filters find."""

    template = "office/form_many.html"
    back = "/office/cattle"

    ids = forms.CharField(widget=forms.HiddenInput)

    def prepare(self) -> None:
        super().prepare()
        query = self.asking.arguments["query"]
        # Only a page of ours: a link from elsewhere must not choose where people end up.
        if query.get("back", "").startswith("/office/"):
            self.back = query["back"]  # the list that was left, with its filters
        found = chosen_ids(self.asking.mirror, self.asking.asked, query.getlist("id"))
        if not self.is_bound and not found:
            raise NoSuchPage(gettext("No animal was chosen."))
        self.left_over = max(0, len(found) - MOST_AT_ONCE)
        found = list(found[:MOST_AT_ONCE])
        self.initial = {**self.initial, "ids": " ".join(map(str, found))}
        if not self.is_bound:
            self._numbers = self.chosen = found  # as the field has them, and all are there

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not self.errors and not self.concerned():
            self.add_error(None, gettext("There is no animal among these that this fits."))
        return given

    def concerned(self) -> list[int]:
        """Return the numbers of those among the chosen that are changed."""
        return self._on_feed

    @cached_property
    def gone(self) -> list[int]:
        if len(self._on_feed) == len(self.chosen):
            return []  # nearly always, of up to 5,000
        on_feed = set(self._on_feed)
        return [pk for pk in self.chosen if pk not in on_feed]

    @cached_property
    def chosen(self) -> list[int]:
        index = self.asking.mirror.held.index
        return index.among(self._numbers, index.everybody())

    @cached_property
    def _on_feed(self) -> list[int]:
        index = self.asking.mirror.held.index
        return index.among(self._numbers, index.mask("status", *ON_FEED))

    def context(self) -> dict[str, Any]:
        table, chosen = self.asking.mirror.tables["cattle"], self.chosen
        shown, language = [table[pk] for pk in chosen[:NAMED]], get_language()
        names = ((name_of(one), chip(one["status"], language)) for one in shown)
        return {
            # As a loop of the template a hundred names took as long as all else of the page.
            "animals": format_html_join("", "<li>{} {}</li>", names),
            "unnamed": len(chosen) - len(shown),
            "count": len(chosen),
            "about": group_asked(self.asking.mirror, self.asking.asked),
            "hint": " ".join(self._hints()),
        }

    def no_longer(self) -> str:
        may_come_back = "status" in self.fields
        return "" if self.concerned() or may_come_back else " ".join(self._hints())

    def _hints(self) -> Iterator[str]:
        if self.left_over:
            left = gettext("At most {} at once: {} more are left out. Move them afterwards.")
            yield left.format(MOST_AT_ONCE, self.left_over)
        if gone := self.gone:
            table = self.asking.mirror.tables["cattle"]
            names = ", ".join(name_of(table[pk]) for pk in gone[:GONE_NAMED])
            names += " …" if len(gone) > GONE_NAMED else ""
            counts = {"gone": len(gone), "all": len(self.chosen), "names": names}
            yield self.told_of_gone(len(gone)) % counts

    def told_of_gone(self, count: int) -> str:
        """Return a sentence with places for `gone`, `all` and `names`."""
        return ngettext(
            "%(gone)d of %(all)d has left and stays where it is: %(names)s.",
            "%(gone)d of %(all)d have left and stay where they are: %(names)s.",
            count,
        )

    def ask(self, path: str, body: dict[str, Any], done: str) -> Change:
        return Change("POST", path, {**body, "cattle_ids": self.concerned()}, done, self.back)

    @cached_property
    def _numbers(self) -> list[int]:
        text = self["ids"].value() or ""
        numbers = map(whole_number, str(text).split())  # a hidden field is the browser's
        return [one for one in numbers if one is not None]
