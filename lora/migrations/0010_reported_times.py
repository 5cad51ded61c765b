from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("lora", "0009_pruned_deliveries"),
    ]

    operations = [
        migrations.AddField(
            model_name="lorapayload",
            name="late",
            field=models.BooleanField(
                blank=True,
                help_text="Its server received it long before: that time counts.",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="lorapayload",
            name="reported_at",
            field=models.DateTimeField(
                blank=True,
                help_text="When its LoRaWAN server received it, as that says.",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="lorapayload",
            name="simulated",
            field=models.BooleanField(
                blank=True, help_text="Its server says that no device sent it.", null=True
            ),
        ),
        migrations.AlterField(
            model_name="lorapayload",
            name="arrived_ms",
            field=models.BigIntegerField(
                help_text="Monotonic arrival within its boot; of a late one, when its server had it."
            ),
        ),
    ]
