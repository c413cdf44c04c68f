"""The access log only grows: the database itself refuses to change or delete a row, whoever asks."""

from django.db import migrations

FORBID = """
CREATE FUNCTION media_accessentry_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The access log is append-only: % is refused.', TG_OP USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON media_accessentry
    FOR EACH ROW EXECUTE FUNCTION media_accessentry_is_append_only();
"""
ALLOW = """
DROP TRIGGER append_only ON media_accessentry;
DROP FUNCTION media_accessentry_is_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("media", "0002_groups")]

    operations = [migrations.RunSQL(FORBID, ALLOW)]
