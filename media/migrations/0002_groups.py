"""The three groups and their rights. Content types and permissions are made here too: Django makes them only after the
last migration, too late for whoever deals them out."""

from django.db import migrations

LOOK = {
    ("media", "streamsession"): ("view_streamsession",),
    ("media", "connection"): ("view_connection",),
    ("media", "participant"): ("view_participant",),
    ("media", "audiochunk"): ("view_audiochunk",),
    ("media", "gap"): ("view_gap",),
    ("media", "mediaurl"): ("view_mediaurl",),
    ("calls", "call"): ("view_call",),
}
OPERATOR = [
    LOOK,
    {
        ("media", "streamsession"): ("hear_live", "replay", "annotate"),
        ("calls", "call"): ("place_call", "control_call"),
    },
]
SUPERVISOR = [*OPERATOR, {("media", "streamsession"): ("download",), ("media", "accessentry"): ("view_accessentry",)}]
ADMINISTRATOR = [
    *SUPERVISOR,
    {
        ("media", "streamsession"): ("delete_streamsession",),
        ("auth", "user"): ("add_user", "change_user", "view_user"),
        ("auth", "group"): ("view_group",),
        ("calls", "apitoken"): ("add_apitoken", "change_apitoken", "delete_apitoken", "view_apitoken"),
    },
]
GROUPS = {"Operator": OPERATOR, "Supervisor": SUPERVISOR, "Administrator": ADMINISTRATOR}

# As the models name them, so that Django finds its own rows afterwards.
NAMES = {
    "hear_live": "Can hear running calls",
    "replay": "Can replay recordings",
    "download": "Can download recordings",
    "annotate": "Can write notes and markers",
    "place_call": "Can place calls",
    "control_call": "Can control running calls",
}


def deal(apps, schema_editor):
    db = schema_editor.connection.alias
    Group = apps.get_model("auth", "Group")
    for name, rights in GROUPS.items():
        group, _ = Group.objects.using(db).get_or_create(name=name)
        for right in rights:
            for model, codenames in right.items():
                group.permissions.add(*(permission(apps, db, model, codename) for codename in codenames))


def permission(apps, db, model, codename):
    content_type, _ = (
        apps.get_model("contenttypes", "ContentType")
        .objects.using(db)
        .get_or_create(app_label=model[0], model=model[1])
    )
    words = apps.get_model(*model)._meta.verbose_name
    name = NAMES.get(codename) or f"Can {codename.partition('_')[0]} {words}"
    row, _ = (
        apps.get_model("auth", "Permission")
        .objects.using(db)
        .get_or_create(content_type=content_type, codename=codename, defaults={"name": name})
    )
    return row


class Migration(migrations.Migration):
    dependencies = [
        ("media", "0001_initial"),
        ("calls", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunPython(deal, migrations.RunPython.noop, elidable=False)]
