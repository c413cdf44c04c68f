"""Who took a support bundle of a session stands in the access log."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("media", "0013_self_proofs"),
    ]

    operations = [
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
                ],
                max_length=9,
            ),
        ),
    ]
