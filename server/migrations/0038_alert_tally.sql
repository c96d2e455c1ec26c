-- How many alerts of which kind were raised on which day, and what became of them: kept by every
-- move of an alert in its own transaction, whoever moves it (docs/decisions/0029-tallies-of-alerts.md).

-- What an alert's likes are told by: as it was when the alert was raised.
ALTER TABLE alert ADD COLUMN device_model text, ADD COLUMN fence_kind text;

CREATE FUNCTION name_alert_kinds() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  NEW.device_model := (SELECT coalesce(nullif(d.model, ''), d.device_class, d.kind)
    FROM device d WHERE d.id = NEW.device_id);
  NEW.fence_kind := (SELECT f.use FROM fence f WHERE f.id = NEW.fence_id
    ORDER BY f.version DESC LIMIT 1);
  RETURN NEW;
END $$;
CREATE TRIGGER name_kinds BEFORE INSERT ON alert
  FOR EACH ROW EXECUTE FUNCTION name_alert_kinds();
UPDATE alert a SET
  device_model = (SELECT coalesce(nullif(d.model, ''), d.device_class, d.kind)
    FROM device d WHERE d.id = a.device_id),
  fence_kind = (SELECT f.use FROM fence f WHERE f.id = a.fence_id ORDER BY f.version DESC LIMIT 1);

-- What an alert counts as: a verdict, withdrawn, or not decided.
CREATE FUNCTION alert_standing(state text, verdict text) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE state WHEN 'resolved' THEN verdict WHEN 'superseded' THEN 'superseded' ELSE 'undecided' END
$$;

-- Whether it asks for somebody: what is only told does not, nor what an officer's own device says.
CREATE FUNCTION alert_is_heard(category text, subject_id text, device_id text) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
  SELECT category NOT IN ('care', 'notice') AND (subject_id IS NOT NULL OR device_id IS NULL)
$$;

-- Of an organisation and all below it, so that a province reads as few rows as an office.
CREATE TABLE alert_tally (
  org_id       text NOT NULL REFERENCES org (id),
  day          date NOT NULL,                        -- of raised_at, in Asia/Shanghai
  rule         text NOT NULL,
  device_model text NOT NULL,                        -- '': no device
  fence_kind   text NOT NULL,                        -- '': no fence
  is_heard     boolean NOT NULL,
  standing     text NOT NULL CHECK (standing IN
    ('undecided', 'confirmed', 'false', 'technical', 'excused', 'superseded')),
  n            bigint NOT NULL,
  PRIMARY KEY (org_id, day, rule, device_model, fence_kind, is_heard, standing)
);
CREATE INDEX alert_tally_rule ON alert_tally (org_id, rule, day);
CALL guard('alert_tally', NULL);
GRANT SELECT ON alert_tally TO guitu_app;

-- What is not in the tally yet. A move appends and waits for nobody: two that counted in one row
-- would wait for each other. A count is the sum of both tables.
CREATE TABLE alert_tally_change (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  org_id       text NOT NULL REFERENCES org (id),
  day          date NOT NULL,
  rule         text NOT NULL,
  device_model text NOT NULL,
  fence_kind   text NOT NULL,
  is_heard     boolean NOT NULL,
  standing     text NOT NULL,
  n            bigint NOT NULL CHECK (n IN (-1, 1))
);
CALL guard('alert_tally_change', NULL);
GRANT SELECT ON alert_tally_change TO guitu_app;

CREATE FUNCTION tally_alert() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF TG_OP = 'UPDATE' THEN
    INSERT INTO alert_tally_change (org_id, day, rule, device_model, fence_kind, is_heard, standing, n)
    VALUES (OLD.org_id, (OLD.raised_at AT TIME ZONE 'Asia/Shanghai')::date, OLD.rule,
      coalesce(OLD.device_model, ''), coalesce(OLD.fence_kind, ''),
      alert_is_heard(OLD.category, OLD.subject_id, OLD.device_id),
      alert_standing(OLD.state, OLD.verdict), -1);
  END IF;
  INSERT INTO alert_tally_change (org_id, day, rule, device_model, fence_kind, is_heard, standing, n)
  VALUES (NEW.org_id, (NEW.raised_at AT TIME ZONE 'Asia/Shanghai')::date, NEW.rule,
    coalesce(NEW.device_model, ''), coalesce(NEW.fence_kind, ''),
    alert_is_heard(NEW.category, NEW.subject_id, NEW.device_id),
    alert_standing(NEW.state, NEW.verdict), 1);
  RETURN NULL;
END $$;
CREATE TRIGGER tally_raised AFTER INSERT ON alert FOR EACH ROW EXECUTE FUNCTION tally_alert();
-- Nothing else of what it is counted by ever changes.
CREATE TRIGGER tally_moved AFTER UPDATE OF state, verdict ON alert FOR EACH ROW
  WHEN (alert_standing(OLD.state, OLD.verdict) IS DISTINCT FROM alert_standing(NEW.state, NEW.verdict))
  EXECUTE FUNCTION tally_alert();

INSERT INTO alert_tally (org_id, day, rule, device_model, fence_kind, is_heard, standing, n)
SELECT above, day, rule, device_model, fence_kind, is_heard, standing, sum(n) FROM (
  SELECT org_id, (raised_at AT TIME ZONE 'Asia/Shanghai')::date AS day, rule,
    coalesce(device_model, '') AS device_model, coalesce(fence_kind, '') AS fence_kind,
    alert_is_heard(category, subject_id, device_id) AS is_heard,
    alert_standing(state, verdict) AS standing, count(*) AS n
  FROM alert GROUP BY 1, 2, 3, 4, 5, 6, 7) t
JOIN (SELECT o.id AS org_id, up.id AS above FROM org o JOIN org up ON starts_with(o.path, up.path)) o
  USING (org_id)
GROUP BY 1, 2, 3, 4, 5, 6, 7;

-- Adds up to so many changes into the tally, one server at a time; how many they were.
CREATE FUNCTION fold_alert_tally(most int) RETURNS int
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  folded int;
BEGIN
  IF NOT pg_try_advisory_xact_lock(hashtextextended('alert_tally', 0)) THEN
    RETURN 0;
  END IF;
  WITH RECURSIVE taken AS (
    DELETE FROM alert_tally_change c
    WHERE c.id IN (SELECT l.id FROM alert_tally_change l ORDER BY l.id LIMIT most) RETURNING c.*
  ), above (org_id, above) AS (
    SELECT DISTINCT org_id, org_id FROM taken
    UNION ALL SELECT a.org_id, o.parent_id FROM above a JOIN org o ON o.id = a.above
    WHERE o.parent_id IS NOT NULL
  ), added AS (
    INSERT INTO alert_tally AS t (org_id, day, rule, device_model, fence_kind, is_heard, standing, n)
    SELECT a.above, c.day, c.rule, c.device_model, c.fence_kind, c.is_heard, c.standing, sum(c.n)
    FROM taken c JOIN above a USING (org_id) GROUP BY 1, 2, 3, 4, 5, 6, 7 HAVING sum(c.n) <> 0
    ON CONFLICT (org_id, day, rule, device_model, fence_kind, is_heard, standing)
    DO UPDATE SET n = t.n + excluded.n
  )
  SELECT count(*) INTO folded FROM taken;
  RETURN folded;
END $$;
REVOKE EXECUTE ON FUNCTION name_alert_kinds(), alert_standing(text, text),
  alert_is_heard(text, text, text), tally_alert(), fold_alert_tally(int) FROM PUBLIC;
-- A trigger's condition is looked at as whoever moves the alert.
GRANT EXECUTE ON FUNCTION alert_standing(text, text), alert_is_heard(text, text, text)
  TO guitu_app, guitu_ingest;
GRANT EXECUTE ON FUNCTION fold_alert_tally(int) TO guitu_app;
