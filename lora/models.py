"""What the radios delivered: every payload, stored before anybody reads it, and who sent it."""

import hashlib
from collections.abc import Collection, Mapping
from datetime import datetime
from pathlib import Path
from typing import Self

from django.db import connection, models

from herd.models import Animal


def digest_of(text: str) -> int:
    """Return a signed 64-bit digest of a payload's text, to find the same text again by index."""
    return int.from_bytes(
        hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(),
        "big",
        signed=True,
    )


def boot_id() -> int:
    """Return a number for this boot of this machine."""
    # Monotonic times compare within one boot only.
    text = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    return int(text.replace("-", "")[:12], 16)


class PayloadQuerySet(models.QuerySet["LoRaPayload"]):
    def received(self) -> Self:
        """Select what is stored and not yet settled, oldest first."""
        return self.filter(status=LoRaPayload.Status.RECEIVED).order_by("id")


class LoRaPayload(models.Model):
    """One payload as received. The text is kept whatever becomes of it."""

    class Status(models.TextChoices):
        RECEIVED = "received", "received"
        PROCESSED = "processed", "processed"
        DUPLICATE = "duplicate", "duplicate"
        ERROR = "error", "error"

    raw_payload = models.TextField()
    form = models.CharField(max_length=12, default="plain")
    status = models.CharField(max_length=9, choices=Status, default=Status.RECEIVED)
    error_code = models.CharField(max_length=40, blank=True, default="")
    error_message = models.CharField(max_length=500, blank=True, default="")
    remark = models.CharField(max_length=200, blank=True, default="")
    source = models.CharField(max_length=120, db_index=True)
    rssi = models.FloatField(null=True, blank=True)
    snr = models.FloatField(null=True, blank=True)
    original_length = models.PositiveIntegerField(default=0)
    lines = models.PositiveIntegerField(
        null=True, blank=True, help_text="How many lines this row stands for, where it is many."
    )
    digest = models.BigIntegerField()
    event_id = models.CharField(max_length=40, null=True, blank=True, db_index=True)  # noqa: DJ001 - NULL is for what never was
    delivery_id = models.CharField(max_length=100, unique=True, null=True, blank=True)
    received_at = models.DateTimeField(db_index=True)
    boot = models.BigIntegerField()
    arrived_ms = models.BigIntegerField(
        help_text="Monotonic arrival within its boot; of a late one, when its server had it."
    )
    reported_at = models.DateTimeField(
        null=True, blank=True, help_text="When its LoRaWAN server received it, as that says."
    )
    late = models.BooleanField(
        null=True, blank=True, help_text="Its server received it long before: that time counts."
    )
    simulated = models.BooleanField(
        null=True, blank=True, help_text="Its server says that no device sent it."
    )
    processed_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    # Nullable, so that a column is added without writing a farm's years of payloads anew.
    approximate = models.BooleanField(
        null=True, blank=True, help_text="The clock was not set yet when this was stored."
    )
    signed_by = models.CharField(  # noqa: DJ001 - NULL is for what never was
        max_length=30,
        null=True,
        blank=True,
        help_text="The device whose signature and counter were accepted.",
    )
    corrected_by = models.CharField(  # noqa: DJ001 - NULL is for what never was
        max_length=150,
        null=True,
        blank=True,
        help_text="Who gave the text as it is now, and vouches for it.",
    )
    original_payload = models.TextField(  # noqa: DJ001 - NULL is for what never was
        null=True,
        blank=True,
        help_text="The text as it was received, of a payload that was corrected since.",
    )
    batch = models.ForeignKey(
        "herd.Batch", models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    animal = models.ForeignKey(
        Animal, models.SET_NULL, null=True, blank=True, related_name="+", db_column="cattle_id"
    )
    duplicate_of = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )

    # What the worker reads of a payload, and what it writes; of a repeat, `duplicate_of` besides.
    READ = (
        "id",
        "raw_payload",
        "original_payload",
        "status",
        "source",
        "digest",
        "received_at",
        *("reported_at", "late", "simulated"),
        "boot",
        "arrived_ms",
        "processed_at",
        "attempts",
        "signed_by",
        "corrected_by",
        *("error_code", "error_message", "remark", "event_id"),
        *("batch_id", "animal_id", "duplicate_of_id"),
    )
    SETTLED = (
        *("status", "error_code", "error_message", "remark", "event_id", "processed_at"),
        *("attempts", "batch_id", "animal_id", "signed_by"),
    )

    objects = PayloadQuerySet.as_manager()

    class Meta:
        db_table = "lora_payload_buffer"
        verbose_name = "payload"
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["status", "id"], name="payload_by_status"),
            models.Index(fields=["digest", "id"], name="payload_by_text"),
            # What is deleted must not be looked for in every row as somebody's first.
            models.Index(
                fields=["duplicate_of"],
                name="payload_by_first",
                condition=models.Q(duplicate_of__isnull=False),
            ),
            # Looked for every few seconds, and nearly always nobody's.
            models.Index(
                fields=["id"], name="payload_of_doubtful_time", condition=models.Q(approximate=True)
            ),
        ]

    def __str__(self) -> str:
        return self.raw_payload[:60]

    @property
    def read_at(self) -> datetime:
        """When the animal was read, as far as that is known."""
        return self.reported_at if self.late and self.reported_at else self.received_at

    def settle_as_repeat(self, first: int) -> None:
        self.status = self.Status.DUPLICATE
        self.duplicate_of_id = first
        self.error_code = self.error_message = ""

    def settle_as_error(self, code: str, message: str) -> None:
        """Settle as an error. The raw text stays, so that a manager can correct and retry it."""
        self.status = self.Status.ERROR
        self.error_code, self.error_message = code, message[:500]

    def settle_as_processed(self, animal: Animal, remark: str, newer: str = "") -> None:
        self.status = self.Status.PROCESSED
        # Past the descriptors of foreign keys, which look for a related row to forget.
        vars(self).update(animal_id=animal.id, batch_id=animal.batch_id)
        self.error_code = self.error_message = ""
        dead = "The animal is marked dead, and stays so." if animal.status == "dead" else ""
        late = "It came late." if self.late else ""
        self.remark = " ".join(filter(None, (remark, dead, late, newer)))[:200]


class PrunedDelivery(models.Model):
    """An uplink whose payload was pruned: delivered again it is no new reading, for ever."""

    digest = models.BigIntegerField(primary_key=True, help_text="Of its delivery id.")

    class Meta:
        db_table = "lora_pruned_deliveries"
        verbose_name_plural = "pruned deliveries"

    def __str__(self) -> str:
        return str(self.digest)


class DeviceCounterQuerySet(models.QuerySet["DeviceCounter"]):
    def last_of(self, devices: Collection[str]) -> dict[str, int]:
        """Return the last accepted counter of each device; one that never signed is missing."""
        return dict(self.filter(device__in=devices).values_list("device", "counter"))

    def keep(self, counters: Mapping[str, int], at: datetime) -> None:
        rows = [
            DeviceCounter(device=one, counter=last, seen_at=at) for one, last in counters.items()
        ]
        known, new = ["device"], ["counter", "seen_at"]
        self.bulk_create(rows, update_conflicts=True, unique_fields=known, update_fields=new)


class DeviceCounter(models.Model):
    """How far a signing device has counted, so that nothing it sent counts twice."""

    device = models.CharField(max_length=30, unique=True)
    counter = models.BigIntegerField()
    seen_at = models.DateTimeField()

    objects = DeviceCounterQuerySet.as_manager()

    class Meta:
        db_table = "lora_device_counters"
        ordering = ["device"]

    def __str__(self) -> str:
        return f"{self.device}: {self.counter}"


class Source(models.Model):
    """A radio, gateway or port that was heard, or the socket that listens."""

    name = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=12)
    last_heard_at = models.DateTimeField(null=True, blank=True)
    frames = models.BigIntegerField(default=0)
    errors = models.BigIntegerField(default=0)
    rssi = models.FloatField(null=True, blank=True)
    snr = models.FloatField(null=True, blank=True)
    drops = models.BigIntegerField(
        default=0, help_text="Datagrams the kernel threw away because nobody read them in time."
    )
    note = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        db_table = "lora_sources"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class SpillPositionQuerySet(models.QuerySet["SpillPosition"]):
    def number_of(self, generation: str) -> int:
        """Return the number of the last group of this spill file that is stored here; 0: none."""
        return self.filter(pk=generation).values_list("number", flat=True).first() or 0

    def keep(self, generation: str, number: int) -> None:
        with connection.cursor() as cursor:
            cursor.execute(_KEEP_POSITION, [generation, number])


# Written out, as it stands in every commit of the receiver.
_KEEP_POSITION = (
    "INSERT INTO lora_spill_positions (generation, number) VALUES (%s, %s)"
    " ON CONFLICT (generation) DO UPDATE SET number = excluded.number"
)


class SpillPosition(models.Model):
    """How far the groups of a spill file are stored here, so that each is stored once."""

    generation = models.CharField(max_length=32, primary_key=True)
    number = models.BigIntegerField()

    objects = SpillPositionQuerySet.as_manager()

    class Meta:
        db_table = "lora_spill_positions"

    def __str__(self) -> str:
        return f"{self.generation}: {self.number}"
