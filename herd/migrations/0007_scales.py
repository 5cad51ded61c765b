from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("herd", "0006_accepted_weights"),
    ]

    operations = [
        migrations.AddField(
            model_name="animal",
            name="adg_doubt_kg",
            field=models.FloatField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="animal",
            name="forecast_kg",
            field=models.FloatField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="weightrecord",
            name="read_kg",
            field=models.DecimalField(
                blank=True,
                decimal_places=2,
                help_text="What the scale read, of a weight that was corrected since.",
                max_digits=7,
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="weightrecord",
            name="scale",
            field=models.CharField(
                blank=True,
                help_text="What weighed, or heard the weight.",
                max_length=120,
                null=True,
            ),
        ),
        migrations.AlterField(
            model_name="reversiblechange",
            name="kind",
            field=models.CharField(
                choices=[
                    ("merge", "animals merged"),
                    ("retag", "tag given to another animal"),
                    ("import", "import"),
                    ("scale", "weights of a scale corrected"),
                ],
                max_length=6,
            ),
        ),
        migrations.CreateModel(
            name="ScaleFault",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "scale",
                    models.CharField(
                        help_text="Or the source of weights without one.", max_length=120
                    ),
                ),
                ("day", models.DateField()),
                ("animals", models.PositiveIntegerField()),
                ("weights", models.PositiveIntegerField()),
                ("suspect", models.PositiveIntegerField()),
            ],
            options={
                "db_table": "scale_faults",
                "ordering": ["-day", "-id"],
                "constraints": [
                    models.UniqueConstraint(fields=("scale", "day"), name="one_fault_a_day")
                ],
            },
        ),
        migrations.CreateModel(
            name="ScaleStep",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "scale",
                    models.CharField(
                        help_text="Or the source of weights without one.", max_length=120
                    ),
                ),
                ("day", models.DateField()),
                (
                    "factor",
                    models.FloatField(
                        blank=True,
                        help_text="How much it reads since then of what it read before.",
                        null=True,
                    ),
                ),
                (
                    "animals",
                    models.PositiveIntegerField(default=0, help_text="That were compared."),
                ),
                ("found_at", models.DateTimeField(blank=True, null=True)),
                ("confirmed_at", models.DateTimeField(blank=True, null=True)),
                ("confirmed_by", models.CharField(blank=True, default="", max_length=150)),
                ("undone_at", models.DateTimeField(blank=True, null=True)),
                ("undone_by", models.CharField(blank=True, default="", max_length=150)),
                (
                    "judged_to",
                    models.BigIntegerField(
                        default=0,
                        help_text="The last animal that was judged by it; null: all were.",
                        null=True,
                    ),
                ),
            ],
            options={
                "db_table": "scale_steps",
                "ordering": ["-day", "-id"],
                "constraints": [
                    models.UniqueConstraint(fields=("scale", "day"), name="one_step_a_day")
                ],
            },
        ),
    ]
