"""The first three to six digits of a number, and its last ones, are lexemes of their own: what is asked for most is then
one entry of the index, however many numbers begin so, and the planner knows how many that are."""

from django.db import migrations

WORDS = r"""
CREATE OR REPLACE FUNCTION media_words(uuid) RETURNS tsvector LANGUAGE sql STABLE PARALLEL SAFE AS $$
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
      UNION ALL SELECT way FROM media_participant l, media_digits(l.raw_id) digits, generate_series(3, 6) size,
        unnest(ARRAY['p' || left(digits, size), 's' || right(digits, size)]) way
        WHERE l.session_id = $1 AND length(digits) >= size
      UNION ALL SELECT 'w' || unnest(media_split(n.text)) FROM media_note n WHERE n.session_id = $1
      UNION ALL SELECT 't' || t.name FROM media_tag t WHERE t.session_id = $1
      UNION ALL SELECT 'w' || unnest(media_split(t.name)) FROM media_tag t WHERE t.session_id = $1
    ) AS found(lexeme) LIMIT 2500
  ) AS kept
$$;

CREATE OR REPLACE FUNCTION media_query(typed text) RETURNS tsquery LANGUAGE plpgsql IMMUTABLE AS $$
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
    IF length(digits) BETWEEN 3 AND 6 THEN
      ways := ways || format('''p%s''', digits) || format('''s%s''', digits);
    ELSIF length(digits) > 6 THEN
      ways := ways || media_lexeme('n' || digits) || media_lexeme('r' || reverse(digits));
    END IF;
    IF length(token) >= 4 THEN ways := ways || media_lexeme('i' || token); END IF;
    IF ways IS NULL THEN RETURN NULL; END IF;
    asked := coalesce(asked && array_to_string(ways, ' | ')::tsquery, array_to_string(ways, ' | ')::tsquery);
  END LOOP;
  RETURN asked;
END $$;

-- One NULL: there are so many that the planner knows it; they need not be counted.
CREATE OR REPLACE FUNCTION media_hits(asked tsquery, most integer) RETURNS SETOF uuid LANGUAGE plpgsql VOLATILE
  SET enable_seqscan = off AS $$
DECLARE plan json;
BEGIN
  EXECUTE format('EXPLAIN (FORMAT JSON) SELECT FROM media_sessiontext WHERE words @@ %L::tsquery', asked) INTO plan;
  IF (plan -> 0 -> 'Plan' ->> 'Plan Rows')::bigint > 20 * most THEN
    RETURN NEXT NULL;
    RETURN;
  END IF;
  RETURN QUERY SELECT session_id FROM media_sessiontext WHERE words @@ asked LIMIT most;
END $$;

UPDATE media_sessiontext t SET words = media_words(t.session_id)
  WHERE EXISTS (SELECT FROM media_participant l WHERE l.session_id = t.session_id AND l.raw_id LIKE '4:%');
"""


class Migration(migrations.Migration):
    dependencies = [("media", "0010_search")]

    operations = [migrations.RunSQL(WORDS, migrations.RunSQL.noop)]
