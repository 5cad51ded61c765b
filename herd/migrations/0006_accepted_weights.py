from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("herd", "0005_sessions"),
    ]

    operations = [
        migrations.AddField(
            model_name="weightrecord",
            name="accepted_by",
            field=models.CharField(
                blank=True, help_text="Who said that it is right.", max_length=150, null=True
            ),
        ),
    ]
