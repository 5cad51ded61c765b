"""What a unit of work knows of products, and of animals that leave before they are clear."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import cast

from herd.counters import is_early
from herd.errors import Held, NotClear, UnknownProduct
from herd.loader import Loader
from herd.lookups import Prefetch
from herd.models import Animal, Product
from herd.rules.withdrawal import days_until_clear
from herd.weighing_lookups import WeighingLookups

__all__ = ["WithdrawalLookups", "is_early", "not_clear", "why_early"]


def not_clear(animals: Iterable[Animal], on: date | None = None) -> NotClear:
    """Return the refusal of a leaving of these animals, on the day that they name or are told."""
    return NotClear(list(_held(animals, on)))


def _held(animals: Iterable[Animal], on: date | None) -> Iterator[Held]:
    for animal in animals:
        if (clear_on := animal.clear_on) is not None:
            days = days_until_clear(on or animal.left_on or clear_on, clear_on)
            yield Held(animal.pk, str(animal), clear_on, days)


def why_early(animal: Animal) -> str:
    """Return what the journal says of an animal that was let go before it was clear."""
    return f"not clear until {animal.clear_on}: {animal.not_clear_reason}"


class WithdrawalLookups(WeighingLookups):
    """Look-ups of products, all of which are loaded at once: a farm has some dozens."""

    def __init__(self, loader: Loader | None = None) -> None:
        super().__init__(loader)
        self._has_products = False
        self.override = ""  # why an animal may leave before it is clear, where somebody says so

    def prepare(self, wanted: Prefetch) -> None:
        super().prepare(wanted)
        if wanted.products:
            self._load_products()

    def _load_products(self) -> None:
        if self._has_products:
            return
        self._has_products = True
        self.conditions.append(lambda changed: "product" in changed)
        for product in self._loader.products():
            self._loaded(product)

    def product_named(self, name: str) -> Product:
        """Return the product of this name, in any case. Raise UnknownProduct."""
        if not self._has_products:
            self.asked += 1
            self._load_products()
        for product in self._rows[Product].values():
            if product.name.casefold() == name.casefold():
                return cast("Product", product)
        raise UnknownProduct(f"No product is called {name}. Enter it, then try again.")

    def product_no(self, pk: int) -> Product:
        """Return the product of this number. Raise UnknownProduct."""
        self._load_products()
        if pk not in self._rows[Product]:
            raise UnknownProduct(f"Product no. {pk} does not exist.", field="product_id")
        return cast("Product", self._rows[Product][pk])

    def accept_early(self, animal: Animal) -> None:
        """Take it for a fact that the animal left before it was clear: nobody can refuse it."""
        counted = self._counted[animal.id]
        if not counted.left_early:
            self._set_entry(self._counted, animal.id, counted._replace(left_early=True))
