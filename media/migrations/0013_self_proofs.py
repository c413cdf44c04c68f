"""Self-proofs, which Administrators ask for."""

from importlib import import_module

import django.utils.timezone
from django.db import migrations, models


permission = import_module("media.migrations.0002_groups").permission


def deal(apps, schema_editor):
    db = schema_editor.connection.alias
    group, _ = apps.get_model("auth", "Group").objects.using(db).get_or_create(name="Administrator")
    for codename in ("add_selfproof", "view_selfproof"):
        group.permissions.add(permission(apps, db, ("media", "selfproof"), codename))


class Migration(migrations.Migration):
    dependencies = [
        ("media", "0012_lanes_by_raw_id"),
    ]

    operations = [
        migrations.CreateModel(
            name="SelfProof",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("started_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("started_by", models.CharField(blank=True, max_length=150)),
                ("seen_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                ("step", models.CharField(blank=True, max_length=200)),
                ("percent", models.PositiveSmallIntegerField(default=0)),
                ("session_id", models.UUIDField(blank=True, null=True)),
                ("good", models.BooleanField(blank=True, null=True)),
                ("checks", models.JSONField(blank=True, default=list)),
            ],
            options={
                "verbose_name": "self-proof",
                "ordering": ("-id",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("finished_at__isnull", True), ("good__isnull", False), _connector="XOR"),
                        name="proof_decided",
                    )
                ],
            },
        ),
        migrations.RunPython(deal, migrations.RunPython.noop, elidable=False),
    ]
