"""The table of operations: every act of a person or of an import, and what takes it back."""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models


class ReversibleChange(models.Model):
    """One operation: who did what, when and why, how much it touched, and what an undo needs.

    Journal rows name the operation to which they belong; what the radio did has none.
    """

    class Kind(models.TextChoices):
        MERGE = "merge", "animals merged"
        RETAG = "retag", "tag given to another animal"
        IMPORT = "import", "import"
        SCALE = "scale", "weights of a scale corrected"
        SHIPMENT = "shipment", "animals shipped"
        LOADING = "loading", "shipment planned or loaded"
        MOVE = "move", "moved"
        LEAVING = "leaving", "left, or back on feed"
        CREATE = "create", "entered"
        EDIT = "edit", "edited"
        DELETE = "delete", "deleted"
        WEIGHT = "weight", "weighed"
        REPLACE = "replace", "weight replaced"
        VOID = "void", "weight void"
        UNVOID = "unvoid", "weight void no more"
        ACCEPT = "accept", "weight accepted"
        TREATMENT = "treatment", "treated"
        TREATMENT_VOID = "treatment_void", "treatment void"
        PULL = "pull", "pulled, or sent back"
        SESSION = "session", "session"
        SCALE_STEP = "scale_step", "scale adjusted or not"
        MESSAGE = "message", "radio message decided on"
        WORK = "work", "work item marked"
        UNDO = "undo", "taken back"
        OTHER = "other", "other"

    # Those that keep steps of their own; the others' are what the unit of work saw change.
    WITH_OWN_STEPS = (Kind.MERGE, Kind.RETAG, Kind.IMPORT, Kind.SCALE, Kind.SHIPMENT)

    kind = models.CharField(max_length=20, choices=Kind)
    summary = models.CharField(max_length=300)
    reason = models.CharField(max_length=200, blank=True, default="")
    count = models.PositiveIntegerField(default=0)  # animals, or rows where it touched none
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=150, blank=True, default="")
    steps = models.JSONField(encoder=DjangoJSONEncoder)  # as the operation that made it needs them
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.CharField(max_length=150, blank=True, default="")
    # What could not be taken back, as somebody had built on it: animals, with why.
    remainder = models.JSONField(null=True, blank=True)

    class Meta:
        db_table = "reversible_changes"
        verbose_name = "operation"
        ordering = ["-id"]
        indexes = [
            # Each batch's head days look at them, among all that people ever did.
            models.Index(
                fields=["id"],
                name="merges_that_stand",
                condition=models.Q(kind="merge", undone_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return self.summary


class OperationAnimal(models.Model):
    """An animal that an operation touched, and that none of its journal rows names: one that was
    loaded, or of which a work item was dismissed."""

    operation = models.ForeignKey(
        ReversibleChange, models.DO_NOTHING, related_name="animals", db_index=False
    )
    # A number, as the journal has it: the operation was about it also when it is merged away.
    animal_id = models.BigIntegerField()

    class Meta:
        db_table = "operation_animals"
        indexes = [
            models.Index(fields=["animal_id", "operation"], name="operations_of_animal"),
            models.Index(fields=["operation"], name="animals_of_operation"),
        ]

    def __str__(self) -> str:
        return f"animal {self.animal_id} of operation {self.operation_id}"


KINDS = ReversibleChange.Kind.values
