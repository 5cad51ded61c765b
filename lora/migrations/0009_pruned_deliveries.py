from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("lora", "0008_payload_lines"),
    ]

    operations = [
        migrations.CreateModel(
            name="PrunedDelivery",
            fields=[
                (
                    "digest",
                    models.BigIntegerField(
                        help_text="Of its delivery id.", primary_key=True, serialize=False
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "pruned deliveries",
                "db_table": "lora_pruned_deliveries",
            },
        ),
    ]
