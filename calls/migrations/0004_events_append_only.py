"""A call's events only grow: the database itself refuses to change one, whoever asks. They go with their call."""

from django.db import migrations

FORBID = """
CREATE FUNCTION calls_callevent_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The events of calls are append-only: % is refused.', TG_OP USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE ON calls_callevent
    FOR EACH ROW EXECUTE FUNCTION calls_callevent_is_append_only();
"""
ALLOW = """
DROP TRIGGER append_only ON calls_callevent;
DROP FUNCTION calls_callevent_is_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("calls", "0003_life_of_a_call")]

    operations = [migrations.RunSQL(FORBID, ALLOW)]
