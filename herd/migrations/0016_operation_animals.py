from django.apps.registry import Apps
from django.db import migrations, models

TABLES = ("changed", "made", "deleted")


def name_animals(apps: Apps, _: object) -> None:
    """Name the animals of what was done to shipments until now, which the steps of it tell."""
    change = apps.get_model("herd", "ReversibleChange").objects
    about = apps.get_model("herd", "OperationAnimal")
    animals = {
        pk: sorted({one[2] for table in TABLES for one in steps.get(table, ())} - {0})
        for pk, steps in change.filter(kind="loading").values_list("pk", "steps").iterator()
    }
    for pk, steps in change.filter(kind="undo").values_list("pk", "steps").iterator():
        animals[pk] = animals.get(steps.get("undoes"), [])
    about.objects.bulk_create(
        (about(operation_id=pk, animal_id=one) for pk, found in animals.items() for one in found),
        batch_size=1_000,
    )


class Migration(migrations.Migration):
    dependencies = [
        ("herd", "0015_loading_acts"),
    ]

    operations = [
        migrations.CreateModel(
            name="OperationAnimal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("animal_id", models.BigIntegerField()),
                (
                    "operation",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=models.DO_NOTHING,
                        related_name="animals",
                        to="herd.reversiblechange",
                    ),
                ),
            ],
            options={
                "db_table": "operation_animals",
                "indexes": [
                    models.Index(fields=["animal_id", "operation"], name="operations_of_animal"),
                    models.Index(fields=["operation"], name="animals_of_operation"),
                ],
            },
        ),
        migrations.RunPython(name_animals, migrations.RunPython.noop),
    ]
