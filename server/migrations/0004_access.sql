-- Row-level security and grants. Every table has org_id and one policy; see
-- docs/decisions/0010-scope-in-the-database.md. guitu_app serves people; guitu_ingest serves gateways.

DO $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY ARRAY[
    'app_user', 'session', 'subject', 'device', 'binding', 'positioning_order', 'fence',
    'fence_assignment', 'directory_version', 'gateway', 'gateway_mark', 'outcome', 'alert',
    'alert_step', 'fact', 'score_entry', 'feed', 'access_log'
  ] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format(
      'CREATE POLICY scope ON %I USING (org_id = ANY ((SELECT scope_orgs())::text[]))', t);
  END LOOP;
END $$;
ALTER TABLE org ENABLE ROW LEVEL SECURITY;
-- By path, not by scope_orgs(): a row that is being inserted is not in that list yet.
CREATE POLICY scope ON org USING (
  right(current_setting('guitu.scope', true), 1) = '/'
  AND starts_with(path, current_setting('guitu.scope', true)));

-- guitu_app: people. No password hash, gateway token or position table.
GRANT SELECT, INSERT, UPDATE ON
  org, subject, device, binding, positioning_order, fence TO guitu_app;
GRANT SELECT (id, login, org_id, role, name, disabled, can_sign_in),
  INSERT (login, org_id, role, name),
  UPDATE (org_id, role, name, password_hash) ON app_user TO guitu_app;
GRANT SELECT (token_hash, user_id, org_id, expires_at), INSERT, DELETE ON session TO guitu_app;
GRANT SELECT (id, org_id, last_seen_at) ON gateway TO guitu_app;
GRANT SELECT, UPDATE (state, verdict, version) ON alert TO guitu_app;
GRANT SELECT, INSERT ON
  fence_assignment, directory_version, alert_step, fact, score_entry, access_log TO guitu_app;
GRANT SELECT ON outcome, feed, gateway_mark TO guitu_app;

-- guitu_ingest: gateways. No name, no password, no case file.
GRANT SELECT (id, org_id) ON subject TO guitu_ingest;
GRANT SELECT (login, org_id) ON app_user TO guitu_ingest;
GRANT SELECT (id, parent_id, path, level) ON org TO guitu_ingest;
GRANT SELECT (id, version, org_id, use, datum, geometry, radius_m, valid_from, valid_to)
  ON fence TO guitu_ingest;
GRANT SELECT (id, org_id, subject_id, valid_from, valid_to, lifted_at)
  ON positioning_order TO guitu_ingest;
GRANT SELECT ON device, binding, fence_assignment, directory_version TO guitu_ingest;
GRANT SELECT (id, org_id, last_seen_at, announced_at), UPDATE (last_seen_at, announced_at)
  ON gateway TO guitu_ingest;
GRANT SELECT, INSERT, UPDATE ON gateway_mark, alert, latest_position TO guitu_ingest;
GRANT SELECT, INSERT ON outcome, position_report TO guitu_ingest;
GRANT INSERT ON alert_step TO guitu_ingest;

-- Before a sign-in there is no scope yet: these look up one row by a secret or a login.
CREATE FUNCTION sign_in_lookup(of_login text)
RETURNS TABLE (user_id bigint, org_id text, org_path text, password_hash text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT u.id, u.org_id, o.path, u.password_hash
  FROM app_user u JOIN org o ON o.id = u.org_id WHERE u.login = of_login AND NOT u.disabled
$$;

-- Count an attempt before the password is looked at, so that parallel guesses count too. Returns
-- the seconds to wait, 0 when the attempt may go on. Five in a row are free; then 30 s, doubling,
-- at most 15 minutes. An hour without an attempt forgives; rows older than that are dropped.
CREATE FUNCTION sign_in_attempted(of_key bytea) RETURNS int
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  waiting interval;
BEGIN
  DELETE FROM sign_in_attempt WHERE last_at < now() - interval '1 hour';
  INSERT INTO sign_in_attempt AS a (login_key, failed_count, last_at) VALUES (of_key, 1, now())
  ON CONFLICT (login_key) DO UPDATE
    SET failed_count = a.failed_count + 1, last_at = now(),
        locked_until = CASE WHEN a.failed_count >= 4 THEN now() + least(
          interval '15 minutes', interval '30 s' * power(2, least(a.failed_count - 4, 10))) END
    WHERE a.locked_until IS NULL OR a.locked_until <= now();
  IF FOUND THEN
    RETURN 0;
  END IF;
  SELECT locked_until - now() INTO waiting FROM sign_in_attempt WHERE login_key = of_key;
  RETURN greatest(1, ceil(extract(epoch FROM waiting)))::int;
END $$;

CREATE FUNCTION sign_in_passed(of_key bytea) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  DELETE FROM sign_in_attempt WHERE login_key = of_key
$$;

CREATE FUNCTION session_lookup(of_token_hash bytea)
RETURNS TABLE (user_id bigint, login text, name text, role text, csrf_token text, org_id text,
               org_path text, org_level text, org_name_zh text, org_name_en text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT u.id, u.login, u.name, u.role, s.csrf_token, o.id, o.path, o.level, o.name_zh, o.name_en
  FROM session s JOIN app_user u ON u.id = s.user_id JOIN org o ON o.id = u.org_id
  WHERE s.token_hash = of_token_hash AND NOT u.disabled AND s.expires_at > now()
$$;

CREATE FUNCTION gateway_lookup(of_token_hash bytea)
RETURNS TABLE (gateway_id text, org_id text, org_path text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT g.id, g.org_id, o.path FROM gateway g JOIN org o ON o.id = g.org_id
  WHERE g.token_hash = of_token_hash
$$;

-- Which of these sessions are still good; the live streams of the others end.
CREATE FUNCTION sessions_alive(of_hashes bytea[]) RETURNS SETOF bytea
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT s.token_hash FROM session s JOIN app_user u ON u.id = s.user_id
  WHERE s.token_hash = ANY (of_hashes) AND NOT u.disabled AND s.expires_at > now()
$$;

-- The ends of the live feed, whatever the scope: two numbers that tie a snapshot to the stream.
CREATE FUNCTION feed_ends() RETURNS TABLE (oldest bigint, newest bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT coalesce(min(id), 0), coalesce(max(id), 0) FROM feed
$$;

REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA public FROM PUBLIC;
GRANT EXECUTE ON FUNCTION scope_orgs(), announce(text, text, text) TO guitu_app, guitu_ingest;
GRANT EXECUTE ON FUNCTION
  track(text, timestamptz, timestamptz, int), latest_positions(bigint), trim_feed(interval),
  sign_in_lookup(text), sign_in_attempted(bytea), sign_in_passed(bytea), session_lookup(bytea),
  sessions_alive(bytea[]), feed_ends() TO guitu_app;
GRANT EXECUTE ON FUNCTION gateway_lookup(bytea), ensure_position_partition(date) TO guitu_ingest;
