-- What an office is asked about its alerts: who was watched, and who saw and did what when
-- (docs/http-duty-record.md).

-- How many people were under an order on each day: figures only, closed files too, for their alerts
-- reach the office like any other.
CREATE FUNCTION watched_people(of_org text, since date, until date)
RETURNS TABLE (day date, people bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH days AS (
    -- Each person's days once, however many orders they have.
    SELECT unnest(range_agg(daterange(
      greatest(since, (p.valid_from AT TIME ZONE 'Asia/Shanghai')::date),
      least(until, (now() AT TIME ZONE 'Asia/Shanghai')::date + 1,
        ((e.ends_at - interval '1 microsecond') AT TIME ZONE 'Asia/Shanghai')::date + 1)))) AS span
    FROM positioning_order p
    CROSS JOIN LATERAL (SELECT least(p.valid_to, p.lifted_at)) e (ends_at)
    JOIN subject s ON s.id = p.subject_id
    WHERE e.ends_at > p.valid_from AND p.valid_from < now()
      AND since <= (now() AT TIME ZONE 'Asia/Shanghai')::date
      AND e.ends_at > since::timestamp AT TIME ZONE 'Asia/Shanghai'
      AND p.valid_from < until::timestamp AT TIME ZONE 'Asia/Shanghai'
      AND of_org = ANY ((SELECT scope_orgs())::text[])
      AND s.org_id = ANY (ARRAY(SELECT o.id FROM org o JOIN org top ON starts_with(o.path, top.path)
        WHERE top.id = of_org))
    GROUP BY p.subject_id
  ), changes AS (
    SELECT begins AS day, sum(n) AS n FROM (
      SELECT lower(span), 1 FROM days UNION ALL SELECT upper(span), -1 FROM days) c (begins, n)
    GROUP BY begins
  ), standing AS (
    SELECT day, sum(n) OVER (ORDER BY day) AS people, lead(day) OVER (ORDER BY day) AS next_day
    FROM changes)
  SELECT g.day::date, t.people::bigint FROM standing t
  CROSS JOIN LATERAL generate_series(t.day, t.next_day - 1, interval '1 day') AS g (day)
  WHERE t.people > 0
$$;
REVOKE EXECUTE ON FUNCTION watched_people(text, date, date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION watched_people(text, date, date) TO guitu_app;

-- 看到: which alert was on whose screen, and who opened it; the first time of each.
CREATE TABLE alert_seen (
  org_id    text NOT NULL REFERENCES org (id),
  alert_id  text NOT NULL REFERENCES alert (id),
  login     text NOT NULL,
  shown_at  timestamptz NOT NULL DEFAULT now(),
  opened_at timestamptz CHECK (opened_at >= shown_at),
  PRIMARY KEY (alert_id, login)
);
CREATE INDEX alert_seen_shown ON alert_seen (login, shown_at DESC, alert_id DESC);
CREATE INDEX alert_seen_opened ON alert_seen (login, opened_at DESC, alert_id DESC)
  WHERE opened_at IS NOT NULL;
CALL guard('alert_seen', NULL);
-- The database's clock says when, whoever asks.
GRANT SELECT, INSERT (org_id, alert_id, login, opened_at), UPDATE (opened_at) ON alert_seen
  TO guitu_app;
CREATE INDEX alert_step_by ON alert_step (by_login, at DESC, id DESC) WHERE by_login IS NOT NULL;
CREATE INDEX alert_step_on_site ON alert_step (alert_id) INCLUDE (at) WHERE step = 'on_site';

-- When somebody first took it on, and when it was decided last.
ALTER TABLE alert ADD COLUMN acknowledged_at timestamptz, ADD COLUMN resolved_at timestamptz;
UPDATE alert a SET
  acknowledged_at = (SELECT min(t.at) FROM alert_step t WHERE t.alert_id = a.id
    AND t.step IN ('acknowledged', 'dispatched', 'resolved', 'shelved') AND t.by_login IS NOT NULL),
  resolved_at = CASE WHEN a.state = 'resolved' THEN (SELECT max(t.at) FROM alert_step t
    WHERE t.alert_id = a.id AND t.step = 'resolved') END;

CREATE FUNCTION time_alert() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  IF NEW.state IN ('acknowledged', 'dispatched', 'resolved', 'shelved') THEN
    NEW.acknowledged_at := coalesce(OLD.acknowledged_at, now());
  END IF;
  NEW.resolved_at := CASE WHEN NEW.state = 'resolved' THEN now() END;
  RETURN NEW;
END $$;
REVOKE EXECUTE ON FUNCTION time_alert() FROM PUBLIC;
CREATE TRIGGER time_alert BEFORE UPDATE OF state ON alert FOR EACH ROW
  WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION time_alert();

-- 月报: what an office's month was when it was reported; the document is its print.
CREATE TABLE alert_report (
  id          text PRIMARY KEY,
  org_id      text NOT NULL REFERENCES org (id),
  month       date NOT NULL CHECK (extract(day FROM month) = 1),
  content     text NOT NULL CHECK (length(content) <= 1000000),  -- JSON
  sha256      text NOT NULL CHECK (sha256 = encode(sha256(convert_to(content, 'UTF8')), 'hex')),
  document_id text NOT NULL REFERENCES document (id),
  made_by     text NOT NULL,
  made_at     timestamptz NOT NULL,
  UNIQUE (org_id, month)
);
CREATE INDEX alert_report_page ON alert_report (month DESC, org_id);
CALL guard('alert_report', NULL);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON alert_report
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewrite();
GRANT SELECT, INSERT ON alert_report TO guitu_app;

-- When gateways that watch people of an organisation were not heard: the office below a county's
-- gateway was unwatched too. How many people that were is the gateway's organisation's to know.
CREATE FUNCTION gateway_silences(of_org text, since timestamptz, until timestamptz)
RETURNS TABLE (gateway text, began_at timestamptz, ended_at timestamptz, unwatched bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT a.evidence ->> 'source', a.begin_time, a.end_time,
    CASE WHEN a.org_id = ANY ((SELECT scope_orgs())::text[])
      THEN (a.evidence ->> 'unwatched')::bigint END
  FROM alert a JOIN org w ON w.id = a.org_id
  JOIN org mine ON starts_with(mine.path, w.path) OR starts_with(w.path, mine.path)
  WHERE mine.id = of_org AND mine.id = ANY ((SELECT scope_orgs())::text[])
    AND a.rule = 'gateway_silent' AND a.raised_at >= since AND a.raised_at < until
$$;
REVOKE EXECUTE ON FUNCTION gateway_silences(text, timestamptz, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gateway_silences(text, timestamptz, timestamptz) TO guitu_app;
