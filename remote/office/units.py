"""Kilograms or pounds: each browser's own choice; the Pi knows kilograms alone."""

from decimal import Decimal

from django.conf import settings
from django.http import HttpRequest

UNIT_COOKIE = "hexabrand_unit"
KG_PER_POUND = Decimal("0.45359237")
POUNDS_PER_KG = 2.2046226218


def unit_of(request: HttpRequest) -> str:
    unit = request.COOKIES.get(UNIT_COOKIE, settings.WEIGHT_UNIT)
    return unit if unit in {"kg", "lb"} else settings.WEIGHT_UNIT


def to_kg(weight: Decimal, unit: str) -> Decimal:
    kg = weight * KG_PER_POUND if unit == "lb" else weight
    return kg.quantize(Decimal("0.01"))
