import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("herd", "0009_work_marks"),
    ]

    operations = [
        migrations.CreateModel(
            name="Pull",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "animal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="pulls",
                        to="herd.animal",
                    ),
                ),
                (
                    "from_pen",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="herd.pen",
                    ),
                ),
                (
                    "to_pen",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="herd.pen",
                    ),
                ),
                (
                    "cause",
                    models.CharField(
                        choices=[
                            ("respiratory", "respiratory"),
                            ("interstitial", "interstitial"),
                            ("bloat", "bloat"),
                            ("acidosis", "acidosis"),
                            ("digestive", "digestive"),
                            ("lameness", "lameness"),
                            ("foot_rot", "foot_rot"),
                            ("injury", "injury"),
                            ("riding", "riding"),
                            ("calving", "calving"),
                            ("prolapse", "prolapse"),
                            ("urinary", "urinary"),
                            ("nervous", "nervous"),
                            ("heart", "heart"),
                            ("eye", "eye"),
                            ("heat", "heat"),
                            ("cold", "cold"),
                            ("poisoning", "poisoning"),
                            ("other", "other"),
                            ("unknown", "unknown"),
                        ],
                        max_length=12,
                    ),
                ),
                ("note", models.CharField(blank=True, default="", max_length=200)),
                ("pulled_at", models.DateTimeField(db_index=True)),
                (
                    "source",
                    models.CharField(
                        choices=[("office", "office"), ("admin", "admin")], max_length=6
                    ),
                ),
                ("recorded_by", models.CharField(blank=True, default="", max_length=150)),
                ("returned_at", models.DateTimeField(blank=True, null=True)),
                ("returned_by", models.CharField(blank=True, default="", max_length=150)),
                ("voided_at", models.DateTimeField(blank=True, null=True)),
                ("voided_by", models.CharField(blank=True, default="", max_length=150)),
                ("void_reason", models.CharField(blank=True, default="", max_length=200)),
            ],
            options={
                "db_table": "pulls",
                "ordering": ["-id"],
            },
        ),
        migrations.AddField(
            model_name="animal",
            name="left_cause",
            field=models.CharField(
                blank=True,
                choices=[
                    ("respiratory", "respiratory"),
                    ("interstitial", "interstitial"),
                    ("bloat", "bloat"),
                    ("acidosis", "acidosis"),
                    ("digestive", "digestive"),
                    ("lameness", "lameness"),
                    ("foot_rot", "foot_rot"),
                    ("injury", "injury"),
                    ("riding", "riding"),
                    ("calving", "calving"),
                    ("prolapse", "prolapse"),
                    ("urinary", "urinary"),
                    ("nervous", "nervous"),
                    ("heart", "heart"),
                    ("eye", "eye"),
                    ("heat", "heat"),
                    ("cold", "cold"),
                    ("poisoning", "poisoning"),
                    ("other", "other"),
                    ("unknown", "unknown"),
                ],
                max_length=12,
                null=True,
            ),
        ),
        migrations.AddIndex(
            model_name="animal",
            index=models.Index(
                condition=models.Q(("left_on__isnull", False)),
                fields=["left_on"],
                name="cattle_that_left",
            ),
        ),
    ]
