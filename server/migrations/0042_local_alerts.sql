-- Alerts that a gateway told to terminals on duty by itself (docs/decisions/0030-local-alerts.md).

-- What was allowed before stays so, whatever it is by now.
DO $$
DECLARE
  known text;
BEGIN
  SELECT pg_get_expr(conbin, conrelid) INTO STRICT known FROM pg_constraint
  WHERE conname = 'alert_step_step_check' AND conrelid = 'alert_step'::regclass;
  ALTER TABLE alert_step DROP CONSTRAINT alert_step_step_check;
  EXECUTE format('ALTER TABLE alert_step ADD CONSTRAINT alert_step_step_check CHECK (%s'
    ' OR step IN (''told_locally'', ''seen_locally''))', known);
END $$;
-- Every hop may repeat: a terminal is told of an alert, and has seen it, once.
CREATE UNIQUE INDEX alert_step_local ON alert_step (alert_id, step, (body ->> 'device'))
  WHERE step IN ('told_locally', 'seen_locally');

-- Who has seen it first on a terminal, and when by the gateway's clock: routing counts it as told.
ALTER TABLE alert
  ADD COLUMN seen_locally_by text,
  ADD COLUMN seen_locally_at timestamptz,
  ADD CONSTRAINT alert_seen_locally CHECK ((seen_locally_by IS NULL) = (seen_locally_at IS NULL));

-- 值班 changes what gateways must know. Under the registry's lock, so that number order is commit
-- order.
CREATE FUNCTION number_duty_change() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  INSERT INTO directory_version (org_id, changed_by)
  SELECT DISTINCT org_id, 'rota' FROM changed ORDER BY org_id;
  RETURN NULL;
END $$;
REVOKE EXECUTE ON FUNCTION number_duty_change() FROM PUBLIC;
-- First of all locks of a statement: refuse_double_duty takes others, row by row.
CREATE FUNCTION lock_registry() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('guitu registry'));
  RETURN NULL;
END $$;
REVOKE EXECUTE ON FUNCTION lock_registry() FROM PUBLIC;
CREATE TRIGGER lock_registry BEFORE INSERT OR UPDATE ON duty_shift
  FOR EACH STATEMENT EXECUTE FUNCTION lock_registry();
CREATE TRIGGER lock_registry BEFORE INSERT OR UPDATE ON duty_absence
  FOR EACH STATEMENT EXECUTE FUNCTION lock_registry();
CREATE TRIGGER number_entered AFTER INSERT ON duty_shift REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION number_duty_change();
CREATE TRIGGER number_changed AFTER UPDATE ON duty_shift REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION number_duty_change();
CREATE TRIGGER number_entered AFTER INSERT ON duty_absence REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION number_duty_change();
CREATE TRIGGER number_changed AFTER UPDATE ON duty_absence REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION number_duty_change();

-- The shifts of a gateway's scope that touch a time, and the absences of those who stand in them or
-- would: away is known at the person's own organisation, which may be above the scope.
CREATE FUNCTION directory_shifts(begins timestamptz, ends timestamptz)
RETURNS TABLE (id text, org_id text, login text, post text, begins_at timestamptz, ends_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT s.id, s.org_id, s.login, s.post, s.begins_at, least(s.ends_at, s.cancelled_at)
  FROM duty_shift s
  WHERE s.org_id = ANY ((SELECT scope_orgs())::text[]) AND s.begins_at < ends
    AND least(s.ends_at, s.cancelled_at) > greatest(begins, s.begins_at)
$$;
CREATE FUNCTION directory_absences(begins timestamptz, ends timestamptz)
RETURNS TABLE (login text, begins_at timestamptz, ends_at timestamptz, substitute text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH RECURSIVE
  away AS (
    SELECT a.login, a.begins_at, least(a.ends_at, a.ended_at) AS ends_at, a.substitute
    FROM duty_absence a WHERE a.begins_at < ends
      AND least(a.ends_at, a.ended_at) > greatest(begins, a.begins_at)),
  standing AS (
    SELECT s.login FROM directory_shifts(begins, ends) s
    UNION SELECT a.substitute FROM away a JOIN standing USING (login)
    WHERE a.substitute IS NOT NULL)
  SELECT a.* FROM away a JOIN standing USING (login)
$$;
REVOKE EXECUTE ON FUNCTION directory_shifts(timestamptz, timestamptz),
  directory_absences(timestamptz, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION directory_shifts(timestamptz, timestamptz),
  directory_absences(timestamptz, timestamptz) TO guitu_ingest;
