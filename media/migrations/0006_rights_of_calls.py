"""The rights that came with calls: what happened to them, who was in them, who they are; and how calls that come in are
answered."""

from importlib import import_module

from django.db import migrations

permission = import_module("media.migrations.0002_groups").permission

OPERATOR = {
    ("calls", "callevent"): ("view_callevent",),
    ("calls", "callparticipant"): ("view_callparticipant",),
    ("calls", "incomingcall"): ("view_incomingcall",),
    ("calls", "person"): ("view_person", "add_person", "change_person"),
}
ADMINISTRATOR = {
    **OPERATOR,
    ("calls", "person"): ("view_person", "add_person", "change_person", "delete_person"),
    ("calls", "answerrule"): ("view_answerrule", "add_answerrule", "change_answerrule", "delete_answerrule"),
    ("calls", "prompt"): ("view_prompt", "add_prompt", "change_prompt", "delete_prompt"),
    ("calls", "witness"): ("view_witness",),
}
GROUPS = {"Operator": OPERATOR, "Supervisor": OPERATOR, "Administrator": ADMINISTRATOR}


def deal(apps, schema_editor):
    db = schema_editor.connection.alias
    Group = apps.get_model("auth", "Group")
    for name, rights in GROUPS.items():
        group, _ = Group.objects.using(db).get_or_create(name=name)
        for model, codenames in rights.items():
            group.permissions.add(*(permission(apps, db, model, codename) for codename in codenames))


class Migration(migrations.Migration):
    dependencies = [("media", "0005_serving_processes"), ("calls", "0004_events_append_only")]

    operations = [migrations.RunPython(deal, migrations.RunPython.noop, elidable=False)]
