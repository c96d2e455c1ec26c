-- What ingest refuses one by one, where late positions wait, and how positions end.

-- Rows and events of an up-link batch that were refused; the rest of their batch was taken. Neither
-- place nor health values are kept here: there may be no legal basis for them. The gateway's
-- journal holds the whole of it, by entry.
CREATE TABLE ingest_quarantine (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  org_id     text NOT NULL REFERENCES org (id),      -- the gateway's: the row's own may be unknown
  gateway_id text NOT NULL REFERENCES gateway (id),
  stream     text NOT NULL CHECK (stream IN ('outcomes', 'telemetry')),
  entry_seq  bigint,                                 -- null: the row or event did not say
  reason     text NOT NULL CHECK (reason ~ '^[a-z][a-z0-9_]{0,39}$'),
  detail     text NOT NULL,
  content    jsonb NOT NULL,
  at         timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ingest_quarantine_gateway ON ingest_quarantine (gateway_id, id DESC);
ALTER TABLE ingest_quarantine ENABLE ROW LEVEL SECURITY;
CREATE POLICY scope ON ingest_quarantine USING (org_id = ANY ((SELECT scope_orgs())::text[]));
GRANT SELECT ON ingest_quarantine TO guitu_app;
GRANT INSERT, SELECT ON ingest_quarantine TO guitu_ingest;

-- The newest of each gateway stay; returns how many went.
CREATE FUNCTION trim_ingest_quarantine(most int) RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH gone AS (
    DELETE FROM ingest_quarantine q USING gateway g
    WHERE q.gateway_id = g.id AND q.id <= (
      SELECT o.id FROM ingest_quarantine o WHERE o.gateway_id = g.id
      ORDER BY o.id DESC OFFSET most LIMIT 1)
    RETURNING 1)
  SELECT count(*) FROM gone
$$;

-- Positions of days that may be compressed already wait here and are merged a day at a time.
CREATE TABLE position_late (
  LIKE position_report INCLUDING DEFAULTS,
  PRIMARY KEY (device_id, fix_time, boot, seq)
);
CREATE INDEX position_late_time ON position_late (fix_time);
CREATE INDEX position_late_holder ON position_late (holder_id, fix_time DESC);
GRANT SELECT, INSERT ON position_late TO guitu_ingest;

DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_extension WHERE extname = 'timescaledb') THEN
    EXECUTE 'ALTER TABLE position_report SET (timescaledb.compress,'
      ' timescaledb.compress_segmentby = ''holder_id, device_id'','
      ' timescaledb.compress_orderby = ''fix_time, boot, seq'')';
  END IF;
END $$;

-- Compress, or decompress, the chunk of a UTC day; nothing without TimescaleDB.
CREATE FUNCTION seal_position_day(day date, closed boolean) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  chunk regclass;
BEGIN
  IF NOT EXISTS (SELECT FROM pg_extension WHERE extname = 'timescaledb') THEN
    RETURN;
  END IF;
  FOR chunk IN EXECUTE
    'SELECT show_chunks(''position_report'', newer_than => $1, older_than => $2)'
    USING day::timestamp AT TIME ZONE 'UTC', (day + 1)::timestamp AT TIME ZONE 'UTC'
  LOOP
    IF closed THEN
      EXECUTE 'SELECT compress_chunk($1, if_not_compressed => true)' USING chunk;
    ELSE
      EXECUTE 'SELECT decompress_chunk($1, if_compressed => true)' USING chunk;
    END IF;
  END LOOP;
END $$;

-- Compress the days before `before` that are not yet; nothing without TimescaleDB.
CREATE FUNCTION seal_position_days(before date, most int) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  day date;
  sealed bigint := 0;
BEGIN
  IF NOT EXISTS (SELECT FROM pg_extension WHERE extname = 'timescaledb') THEN
    RETURN sealed;
  END IF;
  FOR day IN EXECUTE
    'SELECT (range_start AT TIME ZONE ''UTC'')::date FROM timescaledb_information.chunks'
    ' WHERE hypertable_name = ''position_report'' AND NOT is_compressed AND range_end <= $1'
    ' ORDER BY 1 LIMIT $2' USING before::timestamp AT TIME ZONE 'UTC', most
  LOOP
    PERFORM seal_position_day(day, true);
    sealed := sealed + 1;
  END LOOP;
  RETURN sealed;
END $$;

-- Move the waiting positions of the day that waits longest: one statement per day, whatever the
-- number of rows. Returns no row when nothing waits.
CREATE FUNCTION merge_late_positions() RETURNS TABLE (merged_day date, moved bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('position_late merge'));
  SELECT (min(fix_time) AT TIME ZONE 'UTC')::date INTO merged_day FROM position_late;
  IF merged_day IS NULL THEN
    RETURN;
  END IF;
  PERFORM ensure_position_partition(merged_day);
  PERFORM seal_position_day(merged_day, false);
  WITH gone AS (
    DELETE FROM position_late
    WHERE fix_time >= merged_day::timestamp AT TIME ZONE 'UTC'
      AND fix_time < (merged_day + 1)::timestamp AT TIME ZONE 'UTC'
    RETURNING *)
  INSERT INTO position_report SELECT * FROM gone ORDER BY device_id, fix_time
  ON CONFLICT DO NOTHING;
  GET DIAGNOSTICS moved = ROW_COUNT;
  PERFORM seal_position_day(merged_day, true);
  RETURN NEXT;
END $$;

-- What was destroyed, of whom, why: the record outlives the rows. Append-only.
CREATE TABLE position_destruction (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  org_id       text NOT NULL REFERENCES org (id),
  subject_id   text NOT NULL REFERENCES subject (id),
  order_id     text NOT NULL REFERENCES positioning_order (id),
  reason       text NOT NULL CHECK (reason IN ('retention', 'lifted')),
  from_time    timestamptz NOT NULL,
  to_time      timestamptz NOT NULL,
  report_count bigint NOT NULL,
  at           timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX position_destruction_once ON position_destruction (order_id)
  WHERE reason = 'retention';
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON position_destruction
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewrite();
ALTER TABLE position_destruction ENABLE ROW LEVEL SECURITY;
CREATE POLICY scope ON position_destruction USING (org_id = ANY ((SELECT scope_orgs())::text[]));
GRANT SELECT ON position_destruction TO guitu_app;

-- Delete the reports of an order that ended more than `keep` ago, one order per call, except what
-- another order still holds. Returns no row when none is due.
CREATE FUNCTION retire_positions(keep interval)
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

-- Take the place from reports that came in between an order's lifting and our hearing of it. Returns
-- one row per order that had any.
CREATE FUNCTION destroy_lifted_positions(heard interval)
RETURNS TABLE (lifted_order text, report_count bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  lifted positioning_order;
  late bigint;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('position retention'));
  FOR lifted IN
    SELECT o.* FROM positioning_order o
    WHERE o.lifted_at < o.valid_to AND o.valid_to > now() - heard ORDER BY o.id
  LOOP
    UPDATE position_report p SET lon_e7 = NULL, lat_e7 = NULL, source_datum = NULL,
      accuracy_mm = NULL, altitude_mm = NULL, speed_mmps = NULL, heading_cdeg = NULL,
      satellites = NULL
    WHERE p.holder_kind = 'subject' AND p.holder_id = lifted.subject_id AND p.lon_e7 IS NOT NULL
      AND p.fix_time >= lifted.lifted_at AND p.fix_time < lifted.valid_to
      AND NOT EXISTS (SELECT FROM positioning_order k
        WHERE k.subject_id = lifted.subject_id
          AND k.valid_from <= p.fix_time AND p.fix_time < least(k.valid_to, k.lifted_at));
    GET DIAGNOSTICS report_count = ROW_COUNT;
    UPDATE position_late p SET lon_e7 = NULL, lat_e7 = NULL, source_datum = NULL,
      accuracy_mm = NULL, altitude_mm = NULL, speed_mmps = NULL, heading_cdeg = NULL,
      satellites = NULL
    WHERE p.holder_kind = 'subject' AND p.holder_id = lifted.subject_id AND p.lon_e7 IS NOT NULL
      AND p.fix_time >= lifted.lifted_at AND p.fix_time < lifted.valid_to
      AND NOT EXISTS (SELECT FROM positioning_order k
        WHERE k.subject_id = lifted.subject_id
          AND k.valid_from <= p.fix_time AND p.fix_time < least(k.valid_to, k.lifted_at));
    GET DIAGNOSTICS late = ROW_COUNT;
    report_count := report_count + late;
    UPDATE latest_position l SET fix_time = NULL, lon_e7 = NULL, lat_e7 = NULL,
      accuracy_mm = NULL, speed_mmps = NULL
    WHERE l.holder_kind = 'subject' AND l.holder_id = lifted.subject_id
      AND l.fix_time >= lifted.lifted_at AND NOT EXISTS (SELECT FROM positioning_order k
        WHERE k.subject_id = lifted.subject_id
          AND k.valid_from <= l.fix_time AND l.fix_time < least(k.valid_to, k.lifted_at));
    IF report_count > 0 THEN
      INSERT INTO position_destruction
        (org_id, subject_id, order_id, reason, from_time, to_time, report_count)
      VALUES (lifted.org_id, lifted.subject_id, lifted.id, 'lifted', lifted.lifted_at,
        lifted.valid_to, report_count);
      lifted_order := lifted.id;
      RETURN NEXT;
    END IF;
  END LOOP;
END $$;

-- A track also has what still waits to be merged; a report may be in both, and shows once.
CREATE OR REPLACE FUNCTION track(
  of_subject text, from_time timestamptz, to_time timestamptz, most int)
RETURNS TABLE (device_id text, fix_time timestamptz, lon_e7 int, lat_e7 int, accuracy_mm int,
               speed_mmps int, backlog boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT t.device_id, t.fix_time, t.lon_e7, t.lat_e7, t.accuracy_mm, t.speed_mmps, t.backlog FROM (
    SELECT p.device_id, p.fix_time, p.boot, p.seq, p.lon_e7, p.lat_e7, p.accuracy_mm, p.speed_mmps,
      p.backlog
    FROM position_report p
    WHERE p.holder_kind = 'subject' AND p.holder_id = of_subject
      AND p.fix_time >= from_time AND p.fix_time < to_time AND p.lon_e7 IS NOT NULL
      AND p.org_id = ANY ((SELECT scope_orgs())::text[])
    UNION ALL
    SELECT l.device_id, l.fix_time, l.boot, l.seq, l.lon_e7, l.lat_e7, l.accuracy_mm, l.speed_mmps,
      l.backlog
    FROM position_late l
    WHERE l.holder_kind = 'subject' AND l.holder_id = of_subject
      AND l.fix_time >= from_time AND l.fix_time < to_time AND l.lon_e7 IS NOT NULL
      AND l.org_id = ANY ((SELECT scope_orgs())::text[])
      AND NOT EXISTS (SELECT FROM position_report p WHERE (p.device_id, p.fix_time, p.boot, p.seq)
        = (l.device_id, l.fix_time, l.boot, l.seq))) t
  ORDER BY t.fix_time, t.boot, t.seq LIMIT most
$$;

REVOKE EXECUTE ON FUNCTION trim_ingest_quarantine(int), seal_position_day(date, boolean),
  seal_position_days(date, int), merge_late_positions(), retire_positions(interval),
  destroy_lifted_positions(interval) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION trim_ingest_quarantine(int), seal_position_days(date, int),
  merge_late_positions(), retire_positions(interval), destroy_lifted_positions(interval)
  TO guitu_ingest;
