"""Who was told of an alarm already is not told again while others are not reached."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("media", "0014_support_bundles_on_record"),
    ]

    operations = [
        migrations.AddField(
            model_name="alarm",
            name="reached",
            field=models.JSONField(blank=True, default=list),
        ),
    ]
