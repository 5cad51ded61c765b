from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("remote", "0005_imports"),
    ]

    operations = [
        migrations.AlterField(
            model_name="importrun",
            name="kind",
            field=models.CharField(max_length=10),
        ),
    ]
