-- Bounds of looks at many people, and alarms on unusual looking (docs/looks.md).
CREATE INDEX access_log_login ON access_log (by_login, at);

-- Somebody looked at unusually many people in a day, of far organisations, or at night. A kind, a
-- person and a day have one; it stays as it was raised.
CREATE TABLE look_alarm (
  id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  org_id   text NOT NULL REFERENCES org (id),              -- of who looked
  by_login text NOT NULL,
  kind     text NOT NULL CHECK (kind IN ('many', 'far', 'night')),
  day      date NOT NULL,                                  -- Beijing; of a night, when it began
  persons  int NOT NULL CHECK (persons >= 1),              -- when it was raised
  bound    int NOT NULL CHECK (bound >= 1),
  at       timestamptz NOT NULL DEFAULT now(),
  UNIQUE (by_login, kind, day)
);
CREATE INDEX look_alarm_org ON look_alarm (org_id, id DESC);
CREATE INDEX look_alarm_at ON look_alarm (at);
CALL guard('look_alarm', NULL);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON look_alarm
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewrite();
GRANT SELECT, INSERT (org_id, by_login, kind, day, persons, bound) ON look_alarm TO guitu_app;

-- At how many different people a login of the scope looked. It counts closed files as well, which a
-- query of the caller's would not see, and answers with numbers only. The lock makes the looks of
-- one login queue: else many at once would each find room for one more.
CREATE FUNCTION looks_of(of_login text, hour_from timestamptz, rolling_from timestamptz,
  day_from timestamptz, night_from timestamptz, near_levels int)
RETURNS TABLE (hour_persons int, hour_first_at timestamptz, rolling_persons int,
  rolling_first_at timestamptz, day_persons int, far_persons int, night_persons int)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  own_path text := (SELECT o.path FROM app_user u JOIN org o ON o.id = u.org_id
    WHERE u.login = of_login AND starts_with(o.path, open_scope()));
BEGIN
  IF own_path IS NOT NULL THEN
    PERFORM pg_advisory_xact_lock(hashtext('guitu looks'), hashtext(of_login));
  END IF;
  RETURN QUERY
  WITH person AS (
    SELECT l.subject_id, max(l.at) AS last_at,
      max(l.at) FILTER (WHERE l.purpose_code IS NULL
        OR l.purpose_code NOT IN ('alert', 'task', 'missing')) AS unasked_at
    FROM access_log l
    WHERE own_path IS NOT NULL AND l.by_login = of_login AND l.subject_id IS NOT NULL
      AND l.at >= least(hour_from, rolling_from, day_from, night_from)
      AND l.act IN ('track', 'positions', 'reveal', 'document', 'fact', 'media', 'closed file')
    GROUP BY l.subject_id),
  placed AS (
    SELECT p.last_at, p.unasked_at,
      length(translate(o.path, translate(o.path, '/', ''), ''))
      - length(translate(own_path, translate(own_path, '/', ''), '')) AS levels
    FROM person p LEFT JOIN subject s ON s.id = p.subject_id LEFT JOIN org o ON o.id = s.org_id)
  SELECT (count(*) FILTER (WHERE last_at > hour_from))::int,
    min(last_at) FILTER (WHERE last_at > hour_from),
    (count(*) FILTER (WHERE last_at > rolling_from))::int,
    min(last_at) FILTER (WHERE last_at > rolling_from),
    (count(*) FILTER (WHERE last_at >= day_from))::int,
    (count(*) FILTER (WHERE last_at >= day_from AND levels > near_levels))::int,
    (count(*) FILTER (WHERE unasked_at >= night_from))::int
  FROM placed;
END $$;

-- How many files of lists a login of the scope took since an instant, under such a lock as well.
CREATE FUNCTION exports_of(of_login text, day_from timestamptz)
RETURNS TABLE (exports int, first_at timestamptz)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM app_user u JOIN org o ON o.id = u.org_id
      WHERE u.login = of_login AND starts_with(o.path, open_scope())) THEN
    RETURN QUERY SELECT 0, NULL::timestamptz;
    RETURN;
  END IF;
  PERFORM pg_advisory_xact_lock(hashtext('guitu exports'), hashtext(of_login));
  RETURN QUERY SELECT count(*)::int, min(l.at) FROM access_log l
    WHERE l.by_login = of_login AND l.at > day_from AND starts_with(l.act, 'export ');
END $$;
REVOKE EXECUTE ON FUNCTION
  looks_of(text, timestamptz, timestamptz, timestamptz, timestamptz, int),
  exports_of(text, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
  looks_of(text, timestamptz, timestamptz, timestamptz, timestamptz, int),
  exports_of(text, timestamptz) TO guitu_app;
