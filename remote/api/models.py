"""Keys for machines: a prefix to know one by, the rest only as a hash."""

from typing import ClassVar

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


class Release(models.Model):
    """A release that has prepared these tables; the latest row names the one that did so last."""

    release = models.CharField(max_length=30)
    prepared_at = models.DateTimeField()

    class Meta:
        db_table = "releases"

    def __str__(self) -> str:
        return self.release
