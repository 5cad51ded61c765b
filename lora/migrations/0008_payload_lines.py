from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("lora", "0007_spill_positions"),
    ]

    operations = [
        migrations.AddField(
            model_name="lorapayload",
            name="lines",
            field=models.PositiveIntegerField(
                blank=True,
                null=True,
                help_text="How many lines this row stands for, where it is many.",
            ),
        ),
    ]
