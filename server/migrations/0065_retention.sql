-- Records end by class and legal basis (server/retention): legal holds, what retention destroyed, and
-- the one function that destroys. docs/retention.md.

-- 依法保全: nothing of a person (or, without one, of an organisation and those below it) is destroyed.
CREATE TABLE legal_hold (
  id             text PRIMARY KEY,
  org_id         text NOT NULL REFERENCES org (id),
  subject_id     text REFERENCES subject (id),
  reason         text NOT NULL CHECK (length(reason) BETWEEN 4 AND 500),
  until          timestamptz,                          -- null: until it is lifted
  placed_by      text NOT NULL,
  placed_at      timestamptz NOT NULL,
  lift_reason    text CHECK (length(lift_reason) BETWEEN 4 AND 500),
  lift_asked_by  text,
  lift_asked_at  timestamptz,
  lifted_by      text CHECK (lifted_by <> lift_asked_by),
  lifted_at      timestamptz,
  version        int NOT NULL DEFAULT 1,
  CHECK (until > placed_at),
  CHECK (num_nonnulls(lift_reason, lift_asked_by, lift_asked_at) IN (0, 3)),
  CHECK (lifted_by IS NULL OR lift_asked_by IS NOT NULL),
  CHECK ((lifted_by IS NULL) = (lifted_at IS NULL))
);
CREATE INDEX legal_hold_subject ON legal_hold (subject_id) WHERE lifted_at IS NULL;
CREATE INDEX legal_hold_org ON legal_hold (org_id, placed_at DESC, id DESC);
CALL guard('legal_hold', NULL);
GRANT SELECT, INSERT, UPDATE (lift_reason, lift_asked_by, lift_asked_at, lifted_by, lifted_at, version)
  ON legal_hold TO guitu_app;

CREATE FUNCTION is_held(of_org text, of_subject text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT EXISTS (
    SELECT FROM legal_hold h JOIN org held ON held.id = h.org_id JOIN org mine ON mine.id = of_org
    WHERE h.lifted_at IS NULL AND coalesce(h.until, 'infinity') > now()
      AND (h.subject_id = of_subject
        OR h.subject_id IS NULL AND starts_with(mine.path, held.path)))
$$;

-- What was destroyed, of whom not. Rows of the evidence chain leave their commitments there, without
-- salt: who has a record of before with its salt can show that it was among them, and nobody else.
CREATE TABLE retention_destruction (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  org_id      text NOT NULL REFERENCES org (id),
  class       text NOT NULL,
  basis       text NOT NULL CHECK (length(basis) BETWEEN 4 AND 500),
  kept_days   int NOT NULL CHECK (kept_days > 0),
  row_count   int NOT NULL CHECK (row_count > 0),
  oldest_at   timestamptz NOT NULL,
  newest_at   timestamptz NOT NULL,
  at          timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX retention_destruction_org ON retention_destruction (org_id, id DESC);
ALTER TABLE retention_destruction ENABLE ROW LEVEL SECURITY;
CREATE POLICY scope ON retention_destruction USING (org_id = ANY ((SELECT scope_orgs())::text[]));
CALL guard_own('retention_destruction', NULL);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON retention_destruction
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewrite();
CREATE TRIGGER await_sealing AFTER INSERT ON retention_destruction REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION await_sealing('id');
GRANT SELECT ON retention_destruction TO guitu_app;

-- Security logs: nobody rewrites them; retention takes them, and not before the law's six months.
CREATE FUNCTION keep_security_log() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  IF TG_OP = 'DELETE' AND current_setting('guitu.retiring', true) = 'security_log' THEN
    RETURN NULL;
  END IF;
  RAISE EXCEPTION 'access_log is append-only: write a correcting row instead';
END $$;
CREATE FUNCTION keep_six_months() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM gone WHERE at > now() - interval '6 months') THEN
    RAISE EXCEPTION 'security logs are kept for six months at least (CSL 21)'
      USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$;
DROP TRIGGER append_only ON access_log;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON access_log
  FOR EACH STATEMENT EXECUTE FUNCTION keep_security_log();
CREATE TRIGGER six_months AFTER DELETE ON access_log REFERENCING OLD TABLE AS gone
  FOR EACH STATEMENT EXECUTE FUNCTION keep_six_months();

-- What of a class is due: each row's table, key, organisation and the moment that it counts from.
CREATE FUNCTION due_records(of_class text, keep interval)
RETURNS TABLE (of_table text, key text, org_id text, since timestamptz, held boolean)
LANGUAGE sql STABLE SECURITY DEFINER ROWS 1000 SET search_path = public, pg_temp AS $$
  SELECT d.of_table, d.key, d.org_id, d.since, is_held(d.org_id, d.subject_id) FROM (
    SELECT 'access_log' AS of_table, l.id::text AS key, l.org_id, l.at AS since, l.subject_id
    FROM access_log l WHERE of_class = 'security_log' AND l.at < now() - keep
    UNION ALL
    SELECT 'ingest_quarantine', q.id::text, q.org_id, q.at, NULL
    FROM ingest_quarantine q WHERE of_class = 'quarantine' AND q.at < now() - keep
    UNION ALL
    SELECT 'file_contact', c.id, c.org_id, least(c.valid_to, f.ended_at), c.subject_id
    FROM file_contact c JOIN case_file f ON f.subject_id = c.subject_id
    WHERE of_class = 'contact' AND least(c.valid_to, f.ended_at) < now() - keep
    UNION ALL
    SELECT 'group_member', g.id, g.org_id, least(g.valid_to, f.ended_at), g.subject_id
    FROM group_member g JOIN case_file f ON f.subject_id = g.subject_id
    WHERE of_class = 'contact' AND least(g.valid_to, f.ended_at) < now() - keep
      AND num_nonnulls(g.phone, g.phone_sealed) > 0
    UNION ALL
    SELECT 'case_file', f.subject_id, f.org_id, f.ended_at, f.subject_id
    FROM case_file f WHERE of_class = 'contact' AND f.ended_at < now() - keep
      AND num_nonnulls(f.phone, f.phone_sealed, f.residence, f.residence_sealed) > 0) d
$$;

-- For people: counts of their scope.
CREATE FUNCTION due_counts(of_class text, keep interval)
RETURNS TABLE (due_count bigint, held_count bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT count(*) FILTER (WHERE NOT d.held), count(*) FILTER (WHERE d.held)
  FROM due_records(of_class, keep) d WHERE d.org_id = ANY (scope_orgs())
$$;

-- Destroys what is due, at most so many rows; returns how many those were. One transaction has the
-- destruction, its record and what the evidence chain loses.
CREATE FUNCTION destroy_due(of_class text, keep_days int, of_basis text, most int) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  done bigint;
  logs bigint[];
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('retention'));
  CREATE TEMP TABLE due_now ON COMMIT DROP AS
    SELECT d.* FROM due_records(of_class, make_interval(days => keep_days)) d
    WHERE NOT d.held ORDER BY d.since, d.key LIMIT most;
  SELECT count(*) INTO done FROM pg_temp.due_now;
  IF done = 0 THEN
    DROP TABLE pg_temp.due_now;
    RETURN 0;
  END IF;
  INSERT INTO retention_destruction (org_id, class, basis, kept_days, row_count, oldest_at, newest_at)
  SELECT d.org_id, of_class, of_basis, keep_days, count(*), min(d.since), max(d.since)
  FROM pg_temp.due_now d GROUP BY d.org_id ORDER BY d.org_id;

  SELECT array_agg(d.key::bigint ORDER BY d.key::bigint) INTO logs
  FROM pg_temp.due_now d WHERE d.of_table = 'access_log';
  IF logs IS NOT NULL THEN
    PERFORM destroy_audited('access_log', logs::text[], of_basis, NULL);
    PERFORM set_config('guitu.retiring', 'security_log', true);
    DELETE FROM access_log l WHERE l.id = ANY (logs);
    PERFORM set_config('guitu.retiring', '', true);
  END IF;
  DELETE FROM ingest_quarantine q USING pg_temp.due_now d
  WHERE d.of_table = 'ingest_quarantine' AND q.id = d.key::bigint;
  DELETE FROM file_contact c USING pg_temp.due_now d WHERE d.of_table = 'file_contact' AND c.id = d.key;
  UPDATE group_member g SET phone = NULL, phone_sealed = NULL FROM pg_temp.due_now d
  WHERE d.of_table = 'group_member' AND g.id = d.key;
  UPDATE case_file f SET phone = NULL, phone_sealed = NULL, residence = NULL, residence_sealed = NULL
  FROM pg_temp.due_now d WHERE d.of_table = 'case_file' AND f.subject_id = d.key;
  DROP TABLE pg_temp.due_now;
  RETURN done;
END $$;
REVOKE EXECUTE ON FUNCTION is_held(text, text), keep_security_log(), keep_six_months(),
  due_records(text, interval), due_counts(text, interval), destroy_due(text, int, text, int)
  FROM PUBLIC;
GRANT EXECUTE ON FUNCTION due_counts(text, interval) TO guitu_app;
GRANT EXECUTE ON FUNCTION destroy_due(text, int, text, int) TO guitu_worker;

-- As before, but for who is held. What a lifting ends had no basis, and no hold keeps it.
CREATE OR REPLACE FUNCTION retire_positions(keep interval)
RETURNS TABLE (retired_order text, report_count bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  due positioning_order;
  ended timestamptz;
  late bigint;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('position retention'));
  SELECT o.* INTO due FROM positioning_order o
  WHERE least(o.valid_to, o.lifted_at) < now() - keep AND NOT EXISTS (
    SELECT FROM position_destruction d WHERE d.order_id = o.id AND d.reason = 'retention')
    AND NOT is_held(o.org_id, o.subject_id)
  ORDER BY least(o.valid_to, o.lifted_at), o.id LIMIT 1;
  IF due.id IS NULL THEN
    RETURN;
  END IF;
  ended := least(due.valid_to, due.lifted_at);
  DELETE FROM position_report p
  WHERE p.holder_kind = 'subject' AND p.holder_id = due.subject_id
    AND p.fix_time >= due.valid_from AND p.fix_time < ended
    AND NOT EXISTS (SELECT FROM positioning_order k
      WHERE k.subject_id = due.subject_id AND least(k.valid_to, k.lifted_at) >= now() - keep
        AND k.valid_from <= p.fix_time AND p.fix_time < least(k.valid_to, k.lifted_at));
  GET DIAGNOSTICS report_count = ROW_COUNT;
  DELETE FROM position_late p
  WHERE p.holder_kind = 'subject' AND p.holder_id = due.subject_id
    AND p.fix_time >= due.valid_from AND p.fix_time < ended
    AND NOT EXISTS (SELECT FROM positioning_order k
      WHERE k.subject_id = due.subject_id AND least(k.valid_to, k.lifted_at) >= now() - keep
        AND k.valid_from <= p.fix_time AND p.fix_time < least(k.valid_to, k.lifted_at));
  GET DIAGNOSTICS late = ROW_COUNT;
  report_count := report_count + late;
  DELETE FROM latest_position l
  WHERE l.holder_kind = 'subject' AND l.holder_id = due.subject_id
    AND l.report_time >= due.valid_from AND l.report_time < ended;
  INSERT INTO position_destruction
    (org_id, subject_id, order_id, reason, from_time, to_time, report_count)
  VALUES (due.org_id, due.subject_id, due.id, 'retention', due.valid_from, ended, report_count);
  retired_order := due.id;
  RETURN NEXT;
END $$;
