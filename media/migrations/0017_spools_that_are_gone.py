"""A connection whose spool nobody has heard of for a day is given up, and says how many frames went with it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("media", "0016_files_of_deleted_sessions"),
    ]

    operations = [
        migrations.AddField(
            model_name="connection",
            name="lost",
            field=models.BigIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="connection",
            name="told_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
