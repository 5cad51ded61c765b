"""The tables of products (medicines, vaccines, implants) and of the treatments with them."""

from django.db import models
from django.db.models import Q


class Product(models.Model):
    """What animals are treated with, and for how many days they are not clear after it."""

    class Kind(models.TextChoices):
        ANTIBIOTIC = "antibiotic", "antibiotic"
        VACCINE = "vaccine", "vaccine"
        IMPLANT = "implant", "implant"
        DEWORMER = "dewormer", "dewormer"
        OTHER = "other", "other"

    name = models.CharField(max_length=100, unique=True)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.OTHER)
    withdrawal_days = models.PositiveSmallIntegerField(default=0)
    dose = models.CharField(max_length=200, blank=True, default="")  # in words, as on its label
    ml_per_100kg = models.DecimalField(max_digits=6, decimal_places=2, null=True, blank=True)
    route = models.CharField(max_length=50, blank=True, default="")
    lot_no = models.CharField(max_length=50, blank=True, default="")
    expires_on = models.DateField(null=True, blank=True)
    active = models.BooleanField(default=True)  # one that was used is never deleted

    class Meta:
        db_table = "products"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Treatment(models.Model):
    """One product given to one animal. A wrong one is voided with a reason, never edited."""

    class Source(models.TextChoices):
        RADIO = "radio", "radio"
        OFFICE = "office", "office"
        ADMIN = "admin", "admin"
        IMPORT = "import", "import"

    animal = models.ForeignKey("herd.Animal", models.CASCADE, related_name="treatments")
    product = models.ForeignKey(Product, models.PROTECT, related_name="treatments")
    amount = models.DecimalField(max_digits=8, decimal_places=2, null=True, blank=True)
    unit = models.CharField(max_length=20, blank=True, default="")
    lot_no = models.CharField(max_length=50, blank=True, default="")
    route = models.CharField(max_length=50, blank=True, default="")
    reason = models.CharField(max_length=200, blank=True, default="")
    given_at = models.DateTimeField(db_index=True)
    source = models.CharField(max_length=6, choices=Source)
    recorded_by = models.CharField(max_length=150, blank=True, default="")
    clear_on = models.DateField()  # by the product's days when it was given
    voided_at = models.DateTimeField(null=True, blank=True)
    voided_by = models.CharField(max_length=150, blank=True, default="")
    void_reason = models.CharField(max_length=200, blank=True, default="")
    session = models.ForeignKey(
        "herd.Session", models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )

    class Meta:
        db_table = "treatments"
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["session"],
                name="treatments_of_a_session",
                condition=Q(session__isnull=False),
            )
        ]
        constraints = [models.CheckConstraint(condition=Q(amount__gt=0), name="amount_is_positive")]

    def __str__(self) -> str:
        return f"{self.product} on {self.given_at:%Y-%m-%d}"
