"""A recording can be held, so that nobody deletes it; those that are not go by themselves (RETENTION_DAYS)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("media", "0018_batches_of_connections"),
    ]

    operations = [
        migrations.AddField(
            model_name="streamsession",
            name="hold",
            field=models.CharField(blank=True, db_default="", default="", max_length=400),
        ),
        migrations.AlterField(
            model_name="accessentry",
            name="action",
            field=models.CharField(
                choices=[
                    ("view", "View"),
                    ("hear_live", "Hear Live"),
                    ("replay", "Replay"),
                    ("download", "Download"),
                    ("delete", "Delete"),
                    ("bundle", "support bundle"),
                    ("hold", "Hold"),
                    ("release", "Release"),
                ],
                max_length=9,
            ),
        ),
        migrations.AddIndex(
            model_name="streamsession",
            index=models.Index(
                condition=models.Q(("hold", ""), ("live", False)), fields=["ended_at"], name="session_to_expire"
            ),
        ),
    ]
