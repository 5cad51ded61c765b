"""A batch's closeout: what came and left, what it ate days, grew, was treated with and lost."""

from collections import Counter
from datetime import date

from django.db.models import Count, Max, Q, Sum
from django.utils import timezone

from herd.head_days import head_days_of
from herd.models import ON_FEED, Animal, Batch, Movement, Treatment
from herd.rules import closeout
from remote.api.growth import weighings_of
from remote.api.serializers import Shape, day_of, kilograms

Status = Animal.Status


def closeout_of(batch: Batch) -> Shape:
    today = timezone.localdate()
    weighings = weighings_of(batch.pk)
    head, fed = _head(batch), head_days_of(batch, today)
    came = head["came"]
    left = Animal.objects.filter(batch=batch, left_on__isnull=False)
    shipped = left.filter(status__in=(Status.EXPORTED, Status.SOLD))
    days = {one.pk: one.left_on for one in shipped.only("left_on") if one.left_on}
    shrink = closeout.loading_shrink(weighings, days)
    return {
        "id": batch.pk,
        "batch_number": batch.batch_number,
        "head": head,
        "head_days": fed,
        "days_on_feed": round(fed / came, 1) if came else None,
        **_growth(batch, weighings),
        "treatments": _treatments(batch, today),
        "shrink": shrink and {"head": shrink[0], "percent": round(shrink[1], 2)},
        "left": _left(batch),
    }


def _head(batch: Batch) -> Shape:
    """Count who ever stood in the batch, by where they are now."""
    rows = Animal.objects.filter(batch=batch).values_list("status").annotate(Count("pk"))
    by_status = Counter(dict(rows.order_by()))
    gone = Movement.objects.filter(from_batch=batch).exclude(animal__batch=batch)
    moved = gone.values("animal_id").distinct().count()
    told = {str(name): by_status[name] for name in (Status.EXPORTED, Status.SOLD, Status.DEAD)}
    on_feed = sum(by_status[name] for name in ON_FEED)
    came = on_feed + moved + sum(told.values())
    return {"came": came, "on_feed": on_feed, **told, "moved": moved}


def _growth(batch: Batch, weighings: list[closeout.Weighing]) -> Shape:
    days = closeout.weigh_days(weighings)
    gain = None
    if days:
        gain = closeout.expected_gain(days[0], batch.target_kg, batch.target_on, _herd_gain())
    return {
        "expected_gain_kg": None if gain is None else round(gain, 3),
        "weighings": [
            {
                "day": day_of(one.day),
                "head": one.head,
                "mean_weight_kg": kilograms(one.mean_kg),
                "gain_kg": None if one.gain_kg is None else round(one.gain_kg, 3),
                "expected_kg": kilograms(closeout.expected_on(days[0], gain, one.day)),
            }
            for one in days
        ],
    }


def _herd_gain() -> float | None:
    """Return the mean gain of all animals on feed whose gain is known."""
    sums = Batch.objects.aggregate(gain=Sum("gain_sum_kg"), head=Sum("gaining_count"))
    return sums["gain"] / sums["head"] if sums["head"] else None


def _treatments(batch: Batch, today: date) -> list[Shape]:
    """Return what was given, by product, and how many of those here it still withholds."""
    withheld = Q(animal__status__in=ON_FEED, clear_on__gt=today)
    rows = (
        Treatment.objects.filter(animal__batch=batch, voided_at=None)
        .values("product_id", "product__name")
        .annotate(
            doses=Count("pk"),
            head=Count("animal_id", distinct=True),
            held=Count("animal_id", distinct=True, filter=withheld),
            clear_on=Max("clear_on", filter=withheld),
        )
        .order_by("product__name")
    )
    return [
        {
            "product_id": row["product_id"],
            "product": row["product__name"],
            **{name: row[name] for name in ("doses", "head", "held")},
            "clear_on": day_of(row["clear_on"]),
        }
        for row in rows
    ]


def _left(batch: Batch) -> list[Shape]:
    """Return who left, by day, status, cause and reason, the latest first."""
    rows = (
        Animal.objects.filter(batch=batch, left_on__isnull=False)
        .exclude(status__in=ON_FEED)
        .values("left_on", "status", "left_cause", "left_reason")
        .annotate(head=Count("pk"))
        .order_by("-left_on", "status", "left_cause", "left_reason")
    )
    return [
        {
            "day": day_of(row["left_on"]),
            "status": row["status"],
            "cause": row["left_cause"],
            "reason": row["left_reason"],
            "head": row["head"],
        }
        for row in rows
    ]
