from django.db import migrations


class Migration(migrations.Migration):
    """Renames the model alone: its table is named in the model and stays as it is."""

    dependencies = [
        ("remote", "0003_releases"),
    ]

    operations = [
        migrations.RenameModel(old_name="Answer", new_name="IdempotentResponse"),
    ]
