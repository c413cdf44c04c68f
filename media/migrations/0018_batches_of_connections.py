"""How many batches of a connection are archived: it says where the next one ends. Those of before have had their first
two, which are shorter."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("media", "0017_spools_that_are_gone")]

    operations = [
        migrations.AddField("connection", "batches", models.IntegerField(default=0, db_default=0)),
        migrations.RunSQL(
            "UPDATE media_connection SET batches = 2 WHERE cursor > 0 AND NOT archived", migrations.RunSQL.noop
        ),
    ]
