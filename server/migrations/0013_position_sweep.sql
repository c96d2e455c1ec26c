-- Reports that no order holds end too: those of officers and protected people, and what a subject's
-- device said outside of any order. And days that have nothing left.

-- Which days were swept, and how much went: the record outlives the rows.
CREATE TABLE position_sweep (
  day          date PRIMARY KEY,
  report_count bigint NOT NULL,
  at           timestamptz NOT NULL DEFAULT now()
);

CREATE FUNCTION position_days_stored() RETURNS SETOF date
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM pg_extension WHERE extname = 'timescaledb') THEN
    RETURN QUERY EXECUTE 'SELECT (range_start AT TIME ZONE ''UTC'')::date'
      ' FROM timescaledb_information.chunks WHERE hypertable_name = ''position_report''';
  ELSE
    RETURN QUERY SELECT to_date(right(c.relname, 8), 'YYYYMMDD')
      FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
      WHERE i.inhparent = 'position_report'::regclass;
  END IF;
END $$;

-- Delete what no order holds of the oldest day that is more than `keep` ago and was not swept for a
-- month (late rows may have come since). An order holds its reports until retire_positions() has
-- taken them. Returns no row when no day is due.
CREATE FUNCTION sweep_positions(keep interval) RETURNS TABLE (swept_day date, report_count bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  begins timestamptz;
  devices text[];
  hours timestamptz[];
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('position retention'));
  SELECT min(d) INTO swept_day FROM position_days_stored() d
  WHERE d < ((now() - keep) AT TIME ZONE 'UTC')::date AND NOT EXISTS (
    SELECT FROM position_sweep s WHERE s.day = d AND s.at > now() - INTERVAL '30 days');
  IF swept_day IS NULL THEN
    RETURN;
  END IF;
  begins := swept_day::timestamp AT TIME ZONE 'UTC';
  PERFORM seal_position_day(swept_day, false);
  WITH gone AS (
    DELETE FROM position_report p
    WHERE p.fix_time >= begins AND p.fix_time < begins + INTERVAL '1 day'
      AND NOT (p.holder_kind = 'subject' AND EXISTS (
        SELECT FROM positioning_order k
        WHERE k.subject_id = p.holder_id AND k.valid_from <= p.fix_time
          AND p.fix_time < least(k.valid_to, k.lifted_at) AND NOT EXISTS (
            SELECT FROM position_destruction d
            WHERE d.order_id = k.id AND d.reason = 'retention')))
    RETURNING p.device_id, date_trunc('hour', p.fix_time, 'UTC') AS hour),
  touched AS (SELECT g.device_id, g.hour, count(*) AS n FROM gone g GROUP BY g.device_id, g.hour)
  SELECT array_agg(t.device_id), array_agg(t.hour), coalesce(sum(t.n), 0)
  INTO devices, hours, report_count FROM touched t;
  IF devices IS NOT NULL
     AND NOT EXISTS (SELECT FROM pg_extension WHERE extname = 'timescaledb') THEN
    PERFORM count_position_hours(devices, hours);
  END IF;
  PERFORM seal_position_day(swept_day, true);
  INSERT INTO position_sweep AS s (day, report_count) VALUES (swept_day, sweep_positions.report_count)
  ON CONFLICT (day) DO UPDATE SET report_count = s.report_count + EXCLUDED.report_count, at = now();
  RETURN NEXT;
END $$;

-- Drop the storage of the oldest day before `before` that has no report; returns no row when there is
-- none, or when others would have to wait for it.
CREATE FUNCTION drop_empty_position_day(before date) RETURNS TABLE (dropped_day date)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM set_config('lock_timeout', '1s', true);
  SELECT min(d) INTO dropped_day FROM position_days_stored() d
  WHERE d < before AND NOT EXISTS (SELECT FROM position_report p
    WHERE p.fix_time >= d::timestamp AT TIME ZONE 'UTC'
      AND p.fix_time < (d + 1)::timestamp AT TIME ZONE 'UTC');
  IF dropped_day IS NULL THEN
    RETURN;
  END IF;
  IF EXISTS (SELECT FROM pg_extension WHERE extname = 'timescaledb') THEN
    EXECUTE 'SELECT drop_chunks(''position_report'', older_than => $1, newer_than => $2)'
      USING (dropped_day + 1)::timestamp AT TIME ZONE 'UTC', dropped_day::timestamp AT TIME ZONE 'UTC';
  ELSE
    -- Nobody writes to it from here on; what came since the look above stays.
    EXECUTE format('LOCK TABLE %I IN ACCESS EXCLUSIVE MODE',
                   'position_report_' || to_char(dropped_day, 'YYYYMMDD'));
    IF EXISTS (SELECT FROM position_report p
        WHERE p.fix_time >= dropped_day::timestamp AT TIME ZONE 'UTC'
          AND p.fix_time < (dropped_day + 1)::timestamp AT TIME ZONE 'UTC') THEN
      RETURN;
    END IF;
    EXECUTE format('DROP TABLE %I', 'position_report_' || to_char(dropped_day, 'YYYYMMDD'));
  END IF;
  RETURN NEXT;
EXCEPTION WHEN lock_not_available THEN
  RETURN;
END $$;

REVOKE EXECUTE ON FUNCTION position_days_stored(), sweep_positions(interval),
  drop_empty_position_day(date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sweep_positions(interval), drop_empty_position_day(date) TO guitu_ingest;
