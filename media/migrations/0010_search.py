"""What sessions are found by: a row of lexemes for each, kept by triggers, and the functions that ask for them. All of it
in core PostgreSQL: neither extension nor dictionary, so that numbers and ids are found as they are written."""

import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
from django.db import migrations, models

WORDS = r"""
CREATE FUNCTION media_split(text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT array(SELECT DISTINCT left(word, 60) FROM regexp_split_to_table(lower($1), '[\s!-/:-@\[-`{-~]+') word WHERE word <> '')
$$;

CREATE FUNCTION media_digits(raw_id text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN raw_id LIKE '4:%' THEN regexp_replace(split_part(substr(raw_id, 3), '_', 1), '\D', '', 'g') ELSE '' END
$$;

CREATE FUNCTION media_words(uuid) RETURNS tsvector LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT array_to_tsvector(coalesce(array_agg(lexeme), '{}')) FROM (
    SELECT DISTINCT left(found.lexeme, 150) AS lexeme FROM (
      SELECT 'w' || unnest(media_split(concat_ws(' ', s.label, s.external_id))) FROM media_streamsession s WHERE s.id = $1
      UNION ALL SELECT 'i' || lower(one) FROM media_streamsession s,
        unnest(ARRAY[s.external_id, s.call_connection_id, s.correlation_id]) one WHERE s.id = $1 AND one <> ''
      UNION ALL SELECT 'w' || unnest(media_split(l.label)) FROM media_participant l WHERE l.session_id = $1
      UNION ALL SELECT 'i' || lower(l.raw_id) FROM media_participant l WHERE l.session_id = $1 AND l.raw_id <> ''
      UNION ALL SELECT 'w' || unnest(media_split(l.raw_id)) FROM media_participant l
        WHERE l.session_id = $1 AND l.raw_id NOT LIKE '4:%'
      UNION ALL SELECT way FROM media_participant l, media_digits(l.raw_id) digits,
        unnest(ARRAY['n' || digits, 'r' || reverse(digits)]) way WHERE l.session_id = $1 AND digits <> ''
      UNION ALL SELECT 'w' || unnest(media_split(n.text)) FROM media_note n WHERE n.session_id = $1
      UNION ALL SELECT 't' || t.name FROM media_tag t WHERE t.session_id = $1
      UNION ALL SELECT 'w' || unnest(media_split(t.name)) FROM media_tag t WHERE t.session_id = $1
    ) AS found(lexeme) LIMIT 2500
  ) AS kept
$$;
"""
NO_WORDS = """
DROP FUNCTION media_words(uuid);
DROP FUNCTION media_digits(text);
DROP FUNCTION media_split(text);
"""

# Every token of what was typed must be found: as beginnings of words, as the beginning or end of a number, or as the
# beginning of an id. NULL where nothing can be looked for.
ASK = r"""
CREATE FUNCTION media_lexeme(text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT '''' || replace(replace($1, '\', '\\'), '''', '''''') || ''':*'
$$;

CREATE FUNCTION media_query(typed text) RETURNS tsquery LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  token text; digits text; ways text[]; asked tsquery;
BEGIN
  typed := btrim(lower(left(typed, 300)), E' \t\r\n"');
  FOREACH token IN ARRAY
    CASE WHEN typed ~ '^[+()0-9 ./-]+$' THEN ARRAY[typed] ELSE regexp_split_to_array(typed, '[\s"]+') END
  LOOP
    SELECT array_agg('(' || words || ')') INTO ways
      FROM (SELECT string_agg(media_lexeme('w' || part), ' & ') FROM unnest(media_split(token)) part) parts(words)
      WHERE words IS NOT NULL;
    digits := CASE WHEN token ~ '^[+()0-9 ./-]+$' THEN regexp_replace(token, '\D', '', 'g') ELSE '' END;
    IF length(digits) >= 3 THEN
      ways := ways || media_lexeme('n' || digits) || media_lexeme('r' || reverse(digits));
    END IF;
    IF length(token) >= 4 THEN ways := ways || media_lexeme('i' || token); END IF;
    IF ways IS NULL THEN RETURN NULL; END IF;
    asked := coalesce(asked && array_to_string(ways, ' | ')::tsquery, array_to_string(ways, ' | ')::tsquery);
  END LOOP;
  RETURN asked;
END $$;

-- The planner takes a beginning for a fiftieth of all rows, and would read the whole table for a rare one.
CREATE FUNCTION media_hits(tsquery, most integer) RETURNS SETOF uuid LANGUAGE sql STABLE SET enable_seqscan = off AS $$
  SELECT session_id FROM media_sessiontext WHERE words @@ $1 LIMIT most
$$;
"""
ASK_NOT = """
DROP FUNCTION media_hits(tsquery, integer);
DROP FUNCTION media_query(text);
DROP FUNCTION media_lexeme(text);
"""

# Only the session's own triggers make the row: those of its parts fire while it is deleted, too.
KEEP = """
CREATE FUNCTION media_session_is_found() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO media_sessiontext (session_id, words) VALUES (NEW.id, media_words(NEW.id))
    ON CONFLICT (session_id) DO UPDATE SET words = EXCLUDED.words;
  RETURN NULL;
END $$;
CREATE TRIGGER found_when_new AFTER INSERT ON media_streamsession
  FOR EACH ROW EXECUTE FUNCTION media_session_is_found();
CREATE TRIGGER found_when_renamed AFTER UPDATE OF label, external_id, call_connection_id, correlation_id
  ON media_streamsession FOR EACH ROW WHEN (
    (OLD.label, OLD.external_id, OLD.call_connection_id, OLD.correlation_id)
    IS DISTINCT FROM (NEW.label, NEW.external_id, NEW.call_connection_id, NEW.correlation_id)
  ) EXECUTE FUNCTION media_session_is_found();

CREATE FUNCTION media_part_is_found() RETURNS trigger LANGUAGE plpgsql AS $$ DECLARE part record; BEGIN
  IF TG_OP = 'DELETE' THEN part := OLD; ELSE part := NEW; END IF;
  UPDATE media_sessiontext SET words = media_words(part.session_id) WHERE session_id = part.session_id;
  RETURN NULL;
END $$;
CREATE TRIGGER found_when_new AFTER INSERT ON media_participant
  FOR EACH ROW EXECUTE FUNCTION media_part_is_found();
CREATE TRIGGER found_when_renamed AFTER UPDATE OF label, raw_id ON media_participant
  FOR EACH ROW WHEN ((OLD.label, OLD.raw_id) IS DISTINCT FROM (NEW.label, NEW.raw_id))
  EXECUTE FUNCTION media_part_is_found();
CREATE TRIGGER found AFTER INSERT OR UPDATE OR DELETE ON media_note
  FOR EACH ROW EXECUTE FUNCTION media_part_is_found();
CREATE TRIGGER found AFTER INSERT OR UPDATE OR DELETE ON media_tag
  FOR EACH ROW EXECUTE FUNCTION media_part_is_found();

INSERT INTO media_sessiontext (session_id, words) SELECT id, media_words(id) FROM media_streamsession;
"""
KEEP_NOT = """
DROP TRIGGER found ON media_tag;
DROP TRIGGER found ON media_note;
DROP TRIGGER found_when_renamed ON media_participant;
DROP TRIGGER found_when_new ON media_participant;
DROP TRIGGER found_when_renamed ON media_streamsession;
DROP TRIGGER found_when_new ON media_streamsession;
DROP FUNCTION media_part_is_found();
DROP FUNCTION media_session_is_found();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("calls", "0004_events_append_only"),
        ("media", "0009_alarms"),
    ]

    operations = [
        migrations.RunSQL(WORDS, NO_WORDS),
        migrations.CreateModel(
            name="SessionText",
            fields=[
                (
                    "session",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="text",
                        serialize=False,
                        to="media.streamsession",
                    ),
                ),
                ("words", django.contrib.postgres.search.SearchVectorField()),
            ],
        ),
        migrations.AddIndex(
            model_name="streamsession",
            index=models.Index(fields=["state", "-started_at", "-id"], name="session_newest_of_state"),
        ),
        migrations.AddIndex(
            model_name="streamsession",
            index=models.Index(
                condition=models.Q(("gap_count__gt", 0)), fields=["-started_at", "-id"], name="session_newest_gaps"
            ),
        ),
        migrations.AddIndex(
            model_name="streamsession",
            index=models.Index(
                condition=models.Q(("malformed__gt", 0), ("state__in", ("failed", "interrupted")), _connector="OR"),
                fields=["-started_at", "-id"],
                name="session_newest_errors",
            ),
        ),
        migrations.AddIndex(
            model_name="sessiontext",
            index=django.contrib.postgres.indexes.GinIndex(fastupdate=False, fields=["words"], name="session_text"),
        ),
        migrations.RunSQL(ASK, ASK_NOT),
        migrations.RunSQL(KEEP, KEEP_NOT),
    ]
