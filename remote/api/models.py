"""Keys for machines: a prefix to know one by, the rest only as a hash."""

from typing import ClassVar

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from rest_framework_api_key.crypto import KeyGenerator
from rest_framework_api_key.models import AbstractAPIKey, BaseAPIKeyManager

SCOPES = ("read", "write", "ingest")


class _Generator(KeyGenerator):
    def get_prefix(self) -> str:
        prefix: str = super().get_prefix()
        return "hxb_" + prefix[:4]  # a leaked key is recognised for what it is


class ApiKeyManager(BaseAPIKeyManager):
    key_generator = _Generator()


class ApiKey(AbstractAPIKey):
    scopes: ClassVar = models.JSONField(default=list, help_text="Of read, write, ingest.")
    last_used_at: ClassVar = models.DateTimeField(null=True, blank=True, editable=False)

    objects: ClassVar[ApiKeyManager] = ApiKeyManager()  # type: ignore[assignment]  # its own kind

    class Meta(AbstractAPIKey.Meta):
        db_table = "api_keys"
        verbose_name = "API key"
        verbose_name_plural = "API keys"


LONGEST_KEY = 100


class IdempotentResponse(models.Model):
    """The response to a change that carried an Idempotency-Key: a repeat gets it again."""

    key = models.CharField(max_length=LONGEST_KEY)
    actor = models.CharField(max_length=150)
    request = models.CharField(max_length=64)  # SHA-256 of method, path and body
    status = models.PositiveSmallIntegerField()
    body = models.JSONField()
    made_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "idempotent_answers"
        constraints = [
            models.UniqueConstraint(fields=["key", "actor"], name="one_answer_for_a_key")
        ]

    def __str__(self) -> str:
        return self.key


class ImportRun(models.Model):
    """A sheet on its way into the herd, or one that was only looked at; and how it ended."""

    class State(models.TextChoices):
        READING = "reading"
        CHECKING = "checking"
        WAITING = "waiting"  # for another sheet
        WRITING = "writing"
        DONE = "done"
        REFUSED = "refused"
        CANCELLED = "cancelled"
        TAKEN_BACK = "taken_back"
        KEPT = "kept"  # in part: somebody has built on it, so that it could not be taken back

    actor = models.CharField(max_length=150)
    kind = models.CharField(max_length=10)  # animals, weights or treatments
    name = models.CharField(max_length=100, blank=True)
    preview = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING, db_index=True)
    detail = models.CharField(max_length=500, blank=True)  # a sentence, where it did not go well
    rows = models.PositiveIntegerField(null=True)  # null until the sheet is read
    rows_read = models.PositiveIntegerField(default=0)
    rows_checked = models.PositiveIntegerField(default=0)
    rows_written = models.PositiveIntegerField(default=0)
    made_at = models.DateTimeField(db_index=True)
    ended_at = models.DateTimeField(null=True)
    change_id = models.BigIntegerField(null=True)  # of the ReversibleChange that takes it back
    journal_from = models.BigIntegerField(null=True)  # the entry before its first one
    runner = models.CharField(max_length=200)  # the process, to tell when it is gone
    status = models.PositiveSmallIntegerField(null=True)  # as REST answers who waits for it
    answer = models.JSONField(null=True, encoder=DjangoJSONEncoder)

    class Meta:
        db_table = "imports"

    def __str__(self) -> str:
        return self.name or f"import no. {self.pk}"


class ImportSlice(models.Model):
    """What takes back one slice of an import that is being written; gone when that is done and
    closed."""

    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="slices")
    number = models.PositiveIntegerField()
    steps = models.TextField()  # JSON, as text: nobody needs it but after a kill

    class Meta:
        db_table = "import_slices"
        ordering = ["number"]

    def __str__(self) -> str:
        return f"{self.run_id}: {self.number}"


class Release(models.Model):
    """A release that has prepared these tables; the latest row names the one that did so last."""

    release = models.CharField(max_length=30)
    prepared_at = models.DateTimeField()

    class Meta:
        db_table = "releases"

    def __str__(self) -> str:
        return self.release
