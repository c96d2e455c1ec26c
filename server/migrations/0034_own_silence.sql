-- A silence of our own is an alert (docs/http-silence.md): what gateways say of themselves, and
-- which troubles of gateways and servers stand, once for all server processes.
CREATE TABLE gateway_health (
  gateway_id  text PRIMARY KEY REFERENCES gateway (id),
  org_id      text NOT NULL REFERENCES org (id),
  reported_at timestamptz NOT NULL,
  body        jsonb NOT NULL
);
CALL guard('gateway_health', NULL);
GRANT SELECT ON gateway_health TO guitu_app;
GRANT SELECT, INSERT, UPDATE ON gateway_health TO guitu_ingest;

-- A row while a trouble lasts; its alert stays with people after it.
CREATE TABLE own_trouble (
  org_id   text NOT NULL REFERENCES org (id),
  source   text NOT NULL CHECK (length(source) BETWEEN 1 AND 300),  -- a gateway, or server@host:port
  rule     text NOT NULL CHECK (rule ~ '^(gateway|server)_[a-z]{1,30}$'),
  began_at timestamptz NOT NULL,
  -- Deferred: the row decides which of several servers raises the alert.
  alert_id text NOT NULL REFERENCES alert (id) DEFERRABLE INITIALLY DEFERRED,
  PRIMARY KEY (org_id, source, rule)
);
CALL guard('own_trouble', NULL);
GRANT SELECT ON own_trouble TO guitu_app;
GRANT SELECT, INSERT, DELETE ON own_trouble TO guitu_ingest;

-- Organisations of the caller's scope below a gateway that no heard gateway watches either. A
-- reader of an office does not see the row of its county's gateway, only that it is not watched.
CREATE FUNCTION unwatched_orgs(of_gateway text, silent_after interval) RETURNS SETOF text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT o.id FROM gateway g JOIN org w ON w.id = g.org_id JOIN org o ON starts_with(o.path, w.path)
  WHERE g.id = of_gateway AND o.id = ANY ((SELECT scope_orgs())::text[])
    AND NOT EXISTS (SELECT FROM gateway h JOIN org v ON v.id = h.org_id
      WHERE starts_with(o.path, v.path) AND h.last_seen_at >= now() - silent_after)
$$;

-- When people of the scope were last heard of; no place.
CREATE FUNCTION last_report_times(of_subjects text[])
RETURNS TABLE (subject_id text, report_time timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT l.holder_id, max(l.report_time) FROM latest_position l
  WHERE l.holder_kind = 'subject' AND l.holder_id = ANY (of_subjects)
    AND l.org_id = ANY ((SELECT scope_orgs())::text[])
  GROUP BY l.holder_id
$$;

-- What should have been done by now, whoever was to do it: figures only, of the whole site.
CREATE FUNCTION own_backlog(patience interval, dead_within interval)
RETURNS TABLE (alerts_overdue bigint, deliveries_overdue bigint, deliveries_dead bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT (SELECT count(*) FROM alert WHERE due_at < now() - patience),
    (SELECT count(*) FROM notification_delivery d JOIN notification_channel c ON c.id = d.channel_id
      WHERE d.state = 'sending' AND d.next_at < now() - patience AND c.enabled
        AND coalesce(c.broken_until, '-infinity') < now() - patience),
    (SELECT count(*) FROM notification_delivery
      WHERE state = 'dead' AND ended_at > now() - dead_within)
$$;
REVOKE EXECUTE ON FUNCTION unwatched_orgs(text, interval), last_report_times(text[]),
  own_backlog(interval, interval) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION unwatched_orgs(text, interval), last_report_times(text[])
  TO guitu_app, guitu_ingest;
GRANT EXECUTE ON FUNCTION own_backlog(interval, interval) TO guitu_ingest;
