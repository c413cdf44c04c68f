"""What is left of a deleted session's files is removed later, and its call does not count as never recorded."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("media", "0015_alarms_reach_each_once"),
    ]

    operations = [
        migrations.AddField(
            model_name="tombstone",
            name="call_id",
            field=models.UUIDField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="tombstone",
            name="files_gone",
            field=models.BooleanField(db_default=False),
        ),
        migrations.AddIndex(
            model_name="tombstone",
            index=models.Index(
                condition=models.Q(("files_gone", False)), fields=["deleted_at"], name="tombstone_of_files"
            ),
        ),
        migrations.AddIndex(
            model_name="tombstone",
            index=models.Index(
                condition=models.Q(("call_id__isnull", False)), fields=["call_id"], name="tombstone_of_call"
            ),
        ),
    ]
