-- The scope of a transaction is opened by a proof and by nothing else
-- (docs/decisions/0033-scope-by-proof.md). guitu_app and guitu_ingest may still set guitu.scope,
-- guitu.subject and guitu.login; without the seal that only a function below can compute, they mean
-- nothing. guitu_worker is the server's own: its login is its proof. It acts as one of the other two
-- (SET ROLE), and as itself only where somebody signs in.

-- Read by the functions below only. Whoever changes it ends every transaction's scope.
CREATE TABLE scope_key (
  is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
  key     bytea NOT NULL CHECK (length(key) = 32),
  made_at timestamptz NOT NULL DEFAULT now()
);
INSERT INTO scope_key (key) SELECT sha256(string_agg(uuid_send(gen_random_uuid()), ''))
FROM generate_series(1, 4);
REVOKE ALL ON scope_key FROM PUBLIC;

-- The seal of three settings in this transaction of this connection. The backend's id and the
-- transaction's first instant name the transaction without taking a number for it, which would
-- make every read a write.
CREATE FUNCTION scope_seal(of_scope text, of_subject text, of_login text) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  RETURN (SELECT encode(sha256(k.key || sha256(k.key || convert_to(ROW(
    pg_backend_pid(), extract(epoch FROM now()), session_user, of_scope, of_subject, of_login)::text,
    'UTF8'))), 'hex') FROM scope_key k);
END $$;

-- The organisation path whose rows this transaction may see; null: none.
CREATE FUNCTION open_scope() RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  asked text := current_setting('guitu.scope', true);
BEGIN
  IF right(asked, 1) IS DISTINCT FROM '/' THEN          -- '/county' is no path
    RETURN NULL;
  ELSIF session_user IN ('guitu_worker', current_user)  -- the owner sees everything anyway
     OR current_setting('guitu.seal', true) = scope_seal(asked,
       current_setting('guitu.subject', true), current_setting('guitu.login', true)) THEN
    RETURN asked;
  END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION seal_scope(of_scope text, of_subject text, of_login text) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM set_config('guitu.scope', of_scope, true), set_config('guitu.subject', of_subject, true),
    set_config('guitu.login', of_login, true),
    set_config('guitu.seal', scope_seal(of_scope, of_subject, of_login), true);
END $$;

-- Open the scope of whose session this is, by the SHA-256 of its secret. False: no session, or it has
-- ended, and nothing is open. A session that still owes its second factor is one, and sees no row.
CREATE FUNCTION open_session_scope(of_token_hash bytea) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  who record;
BEGIN
  SELECT * INTO who FROM session_lookup(of_token_hash);
  IF who.org_path IS NULL THEN
    PERFORM seal_scope('', '', '');
    RETURN false;
  END IF;
  PERFORM seal_scope(CASE WHEN who.has_factor AND NOT who.factor_passed THEN '' ELSE who.org_path END,
    coalesce(who.subject_id, ''), who.login);
  RETURN true;
END $$;

-- The same for a gateway, by the SHA-256 of its token.
CREATE FUNCTION open_gateway_scope(of_token_hash bytea) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  who record;
BEGIN
  SELECT * INTO who FROM gateway_lookup(of_token_hash);
  IF who.org_path IS NULL THEN
    PERFORM seal_scope('', '', '');
    RETURN false;
  END IF;
  PERFORM seal_scope(who.org_path, '', '');
  RETURN true;
END $$;

REVOKE EXECUTE ON FUNCTION scope_seal(text, text, text), open_scope(), seal_scope(text, text, text),
  open_session_scope(bytea), open_gateway_scope(bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION open_scope() TO guitu_app, guitu_ingest;
GRANT EXECUTE ON FUNCTION open_session_scope(bytea) TO guitu_app;
GRANT EXECUTE ON FUNCTION open_gateway_scope(bytea) TO guitu_ingest;

-- Whatever read the setting asks for the scope that is open.
CREATE OR REPLACE FUNCTION scope_orgs() RETURNS text[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  opened text := open_scope();
BEGIN
  IF opened IS NULL THEN
    RETURN '{}';
  END IF;
  RETURN (SELECT coalesce(array_agg(id), '{}') FROM org WHERE starts_with(path, opened));
END $$;

CREATE OR REPLACE FUNCTION scope_line() RETURNS text[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  opened text := open_scope();
BEGIN
  RETURN (SELECT coalesce(array_agg(id ORDER BY length(path) DESC), '{}') FROM org
    WHERE starts_with(opened, path));
END $$;

DROP POLICY scope ON org;
CREATE POLICY scope ON org USING (starts_with(path, (SELECT open_scope())));

-- What a caller could learn of others without a scope, or with somebody else's name.
CREATE OR REPLACE FUNCTION closed_files() RETURNS SETOF text
LANGUAGE sql STABLE SECURITY DEFINER ROWS 100 SET search_path = public, pg_temp AS $$
  SELECT s.id FROM subject s
  WHERE (s.is_minor OR s.is_sealed) AND '*' <> ALL (opened_files())
    AND s.id <> ALL (opened_files()) AND s.id IS DISTINCT FROM own_subject()
    AND (SELECT open_scope()) IS NOT NULL
$$;

CREATE OR REPLACE FUNCTION files_open_to(of_login text, at timestamptz) RETURNS text[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT coalesce(array_agg(open.subject_id), '{}') FROM (
    SELECT l.subject_id FROM file_look l
    WHERE l.asked_by = of_login AND l.state = 'granted' AND l.decided_at <= at AND at < l.ends_at
    UNION
    SELECT g.subject_id FROM group_member g JOIN subject s ON s.id = g.subject_id
    WHERE g.login = of_login AND g.valid_to IS NULL AND (s.is_minor OR s.is_sealed)) open
  WHERE open_scope() IS NOT NULL AND (session_user IN ('guitu_worker', current_user)
    OR of_login = current_setting('guitu.login', true))
$$;

CREATE OR REPLACE FUNCTION own_forbidden_areas(at timestamptz)
  RETURNS TABLE (id text, valid_from timestamptz, valid_to timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT f.id, min(f.valid_from), nullif(max(coalesce(f.valid_to, 'infinity')), 'infinity')
  FROM fence f JOIN fence_assignment a ON a.fence_id = f.id AND a.version = f.version
  WHERE a.subject_id = own_subject() AND f.use = 'exclusion'
    AND coalesce(f.valid_to, 'infinity') > at AND (SELECT open_scope()) IS NOT NULL
  GROUP BY f.id ORDER BY f.id LIMIT 200
$$;

CREATE OR REPLACE FUNCTION own_no_contact(at timestamptz)
  RETURNS TABLE (id text, distance_m double precision, valid_from timestamptz, valid_to timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT n.id, n.distance_m, n.valid_from, n.valid_to FROM no_contact n
  WHERE n.subject_id = own_subject() AND coalesce(n.valid_to, 'infinity') > at
    AND (SELECT open_scope()) IS NOT NULL
  ORDER BY n.valid_from, n.id LIMIT 200
$$;

-- A session is a proof: who serves people may neither read nor make one. At the sign-in the server
-- is itself (guitu_worker), and ends what somebody may end by the two functions below.
REVOKE SELECT, INSERT, DELETE ON session FROM guitu_app;
REVOKE SELECT (token_hash) ON session FROM guitu_app;
GRANT SELECT (user_id, org_id, expires_at), DELETE ON session TO guitu_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON session TO guitu_worker;
REVOKE EXECUTE ON FUNCTION sign_in_lookup(text), sign_in_attempted(bytea), sign_in_passed(bytea)
  FROM guitu_app;
GRANT EXECUTE ON FUNCTION sign_in_lookup(text), sign_in_attempted(bytea), sign_in_passed(bytea)
  TO guitu_worker;

CREATE FUNCTION end_session(of_token_hash bytea) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  DELETE FROM session WHERE token_hash = of_token_hash
$$;

-- Every session of an account of the scope but one.
CREATE FUNCTION end_sessions(of_login text, but_hash bytea) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  DELETE FROM session s USING app_user u
  WHERE u.id = s.user_id AND u.login = of_login AND s.token_hash <> but_hash
    AND u.org_id = ANY (scope_orgs())
    AND (own_subject() IS NULL OR u.subject_id = own_subject())
$$;
REVOKE EXECUTE ON FUNCTION end_session(bytea), end_sessions(text, bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION end_session(bytea), end_sessions(text, bytea) TO guitu_app;

-- What a broker's accounts are made of: ids only, of the whole site, because one broker serves it.
CREATE FUNCTION broker_devices() RETURNS TABLE (id text, org_id text, kind text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT d.id, d.org_id, d.kind FROM device d ORDER BY d.id
$$;
REVOKE EXECUTE ON FUNCTION broker_devices() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION broker_devices() TO guitu_ingest;

-- What triggers ask of anybody, people ask of whom the scope has or had.
CREATE FUNCTION is_of_scope(of_subject text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT EXISTS (SELECT FROM subject s WHERE s.id = of_subject AND s.org_id = ANY (scope_orgs()))
    OR EXISTS (SELECT FROM positioning_order o
      WHERE o.subject_id = of_subject AND o.org_id = ANY (scope_orgs()))
$$;

CREATE FUNCTION covered_here_until(of_subject text, since timestamptz) RETURNS timestamptz
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT covered_until(of_subject, since) WHERE is_of_scope(of_subject)
$$;

CREATE FUNCTION end_wristbands_here(of_subject text, due timestamptz)
RETURNS TABLE (device_id text, ended_at timestamptz)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT w.* FROM (SELECT WHERE is_of_scope(of_subject)) once, end_wristbands(of_subject, due) w
$$;
REVOKE EXECUTE ON FUNCTION is_of_scope(text), covered_here_until(text, timestamptz),
  end_wristbands_here(text, timestamptz) FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION covered_until(text, timestamptz), end_wristbands(text, timestamptz)
  FROM guitu_app;
GRANT EXECUTE ON FUNCTION covered_here_until(text, timestamptz),
  end_wristbands_here(text, timestamptz) TO guitu_app;
