-- A second factor, and sessions that end by themselves (docs/decisions/0032-people.md). What a
-- session or a factor holds is reached by the functions below only, with the session's own proof.

-- 三员分立: admin 系统管理员, security 安全保密管理员, auditor 安全审计员; 人民检察院 reads.
ALTER TABLE app_user
  DROP CONSTRAINT app_user_role_check,
  ADD CONSTRAINT app_user_role_check CHECK (role IN ('admin', 'security', 'auditor', 'supervisor',
    'head', 'officer', 'procurator', 'subject'));

ALTER TABLE session
  ADD COLUMN id bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
  ADD COLUMN opened_at timestamptz NOT NULL DEFAULT now(),
  ADD COLUMN seen_at timestamptz NOT NULL DEFAULT now(),
  ADD COLUMN idle_s int NOT NULL DEFAULT 1800 CHECK (idle_s > 0),
  ADD COLUMN address text NOT NULL DEFAULT '' CHECK (length(address) <= 45),
  ADD COLUMN agent text NOT NULL DEFAULT '' CHECK (length(agent) <= 60),
  ADD COLUMN factor_passed boolean NOT NULL DEFAULT false;
CREATE INDEX session_user_id ON session (user_id);

-- 动态口令 (RFC 6238): the secret is sealed by the server, whose key the database does not have.
-- `last_step` is the newest time step that was used: none is taken twice.
CREATE TABLE second_factor (
  user_id      bigint PRIMARY KEY REFERENCES app_user (id) ON DELETE CASCADE,
  sealed       bytea NOT NULL CHECK (length(sealed) <= 200),
  last_step    bigint NOT NULL DEFAULT 0,
  enrolled_at  timestamptz NOT NULL DEFAULT now()
);
-- SHA-256 of codes of 80 random bits: there is nothing to guess, and so no salt.
CREATE TABLE recovery_code (
  user_id bigint NOT NULL REFERENCES second_factor (user_id) ON DELETE CASCADE,
  hash    bytea NOT NULL CHECK (length(hash) = 32),
  PRIMARY KEY (user_id, hash)
);

DROP FUNCTION session_lookup(bytea);
CREATE FUNCTION session_lookup(of_token_hash bytea)
RETURNS TABLE (user_id bigint, login text, name text, role text, subject_id text,
               password_is_once boolean, csrf_token text, org_id text, org_path text, org_level text,
               org_name_zh text, org_name_en text, has_factor boolean, factor_passed boolean,
               expires_at timestamptz, idle_s int, is_unseen boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT u.id, u.login, u.name, u.role, u.subject_id, u.password_is_once, s.csrf_token, o.id, o.path,
    o.level, o.name_zh, o.name_en, EXISTS (SELECT FROM second_factor f WHERE f.user_id = u.id),
    s.factor_passed, s.expires_at, s.idle_s, s.seen_at < now() - interval '30 s'
  FROM session s JOIN app_user u ON u.id = s.user_id JOIN org o ON o.id = u.org_id
  WHERE s.token_hash = of_token_hash AND NOT u.disabled AND s.expires_at > now()
    AND s.seen_at > now() - make_interval(secs => s.idle_s)
$$;

-- A page that is open uses its session: who watches a map waits for what should never come.
CREATE OR REPLACE FUNCTION sessions_alive(of_hashes bytea[]) RETURNS SETOF bytea
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  UPDATE session SET seen_at = now() WHERE token_hash IN (
    SELECT s.token_hash FROM session s
    WHERE s.token_hash = ANY (of_hashes) AND s.seen_at < now() - interval '30 s'
      AND s.seen_at > now() - make_interval(secs => s.idle_s)
    FOR UPDATE SKIP LOCKED);
  RETURN QUERY SELECT s.token_hash FROM session s JOIN app_user u ON u.id = s.user_id
    WHERE s.token_hash = ANY (of_hashes) AND NOT u.disabled AND s.expires_at > now()
      AND s.seen_at > now() - make_interval(secs => s.idle_s);
END $$;

-- Requests of one session that come together do not wait for each other.
CREATE FUNCTION session_seen(of_token_hash bytea) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  UPDATE session SET seen_at = now() WHERE token_hash =
    (SELECT token_hash FROM session WHERE token_hash = of_token_hash FOR UPDATE SKIP LOCKED)
$$;

-- What a right code changes: the session goes on under a new secret, for its full life.
CREATE FUNCTION session_factor_passed(of_token_hash bytea, new_hash bytea, life interval)
RETURNS timestamptz
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  UPDATE session SET token_hash = new_hash, factor_passed = true, seen_at = now(),
    expires_at = opened_at + life
  WHERE token_hash = of_token_hash RETURNING expires_at
$$;

-- The sessions of whose session this is.
CREATE FUNCTION sessions_beside(of_token_hash bytea)
RETURNS TABLE (id bigint, opened_at timestamptz, seen_at timestamptz, expires_at timestamptz,
               address text, agent text, is_this boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT s.id, s.opened_at, s.seen_at, s.expires_at, s.address, s.agent,
    s.token_hash = of_token_hash
  FROM session mine JOIN session s ON s.user_id = mine.user_id
  WHERE mine.token_hash = of_token_hash AND s.expires_at > now()
    AND s.seen_at > now() - make_interval(secs => s.idle_s)
  ORDER BY s.opened_at DESC, s.id DESC
$$;

-- End one of them, or every other one; returns how many ended.
CREATE FUNCTION end_session_beside(of_token_hash bytea, of_id bigint) RETURNS int
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH ended AS (
    DELETE FROM session s USING session mine
    WHERE mine.token_hash = of_token_hash AND s.user_id = mine.user_id
      AND CASE WHEN of_id IS NULL THEN s.id <> mine.id ELSE s.id = of_id END
    RETURNING 1)
  SELECT count(*)::int FROM ended
$$;

-- The factor of whose session this is.
CREATE FUNCTION factor_of_session(of_token_hash bytea)
RETURNS TABLE (sealed bytea, last_step bigint, codes_left int)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT f.sealed, f.last_step,
    (SELECT count(*)::int FROM recovery_code c WHERE c.user_id = f.user_id)
  FROM session s JOIN second_factor f ON f.user_id = s.user_id
  WHERE s.token_hash = of_token_hash
$$;

-- False: this time step, or a later one, was used before.
CREATE FUNCTION factor_step_used(of_token_hash bytea, of_step bigint) RETURNS boolean
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH used AS (
    UPDATE second_factor f SET last_step = of_step FROM session s
    WHERE s.token_hash = of_token_hash AND f.user_id = s.user_id AND f.last_step < of_step
    RETURNING 1)
  SELECT EXISTS (SELECT FROM used)
$$;

-- False: there is no such code any more.
CREATE FUNCTION recovery_code_used(of_token_hash bytea, of_code bytea) RETURNS boolean
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH used AS (
    DELETE FROM recovery_code c USING session s
    WHERE s.token_hash = of_token_hash AND c.user_id = s.user_id AND c.hash = of_code
    RETURNING 1)
  SELECT EXISTS (SELECT FROM used)
$$;

-- A first factor, or another in place of it: only where the session has passed the old one.
CREATE FUNCTION factor_enrolled(of_token_hash bytea, new_sealed bytea, step bigint, codes bytea[])
RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  who record;
BEGIN
  SELECT s.user_id, s.factor_passed INTO who FROM session s WHERE s.token_hash = of_token_hash;
  IF who.user_id IS NULL OR NOT who.factor_passed
     AND EXISTS (SELECT FROM second_factor f WHERE f.user_id = who.user_id) THEN
    RETURN false;
  END IF;
  DELETE FROM second_factor f WHERE f.user_id = who.user_id;
  INSERT INTO second_factor (user_id, sealed, last_step) VALUES (who.user_id, new_sealed, step);
  INSERT INTO recovery_code (user_id, hash) SELECT who.user_id, c FROM unnest(codes) c;
  DELETE FROM session s WHERE s.user_id = who.user_id AND s.token_hash <> of_token_hash;
  RETURN true;
END $$;

-- Attempts by network address, whatever the login: twenty more than were right are free, then 30 s,
-- doubling, at most 15 minutes. An hour without an attempt forgives; at most 100 000 are kept.
CREATE TABLE address_attempt (
  address_key  bytea PRIMARY KEY CHECK (length(address_key) = 32),
  wrong_count  int NOT NULL,
  last_at      timestamptz NOT NULL,
  locked_until timestamptz
);
CREATE INDEX address_attempt_at ON address_attempt (last_at);
CREATE INDEX sign_in_attempt_at ON sign_in_attempt (last_at);

CREATE FUNCTION address_attempted(of_key bytea) RETURNS int
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  waiting interval;
BEGIN
  DELETE FROM address_attempt WHERE last_at < now() - interval '1 hour';
  IF random() < 0.01 THEN
    DELETE FROM address_attempt WHERE last_at <
      (SELECT last_at FROM address_attempt ORDER BY last_at DESC OFFSET 100000 LIMIT 1);
    DELETE FROM sign_in_attempt WHERE last_at <
      (SELECT last_at FROM sign_in_attempt ORDER BY last_at DESC OFFSET 100000 LIMIT 1);
  END IF;
  INSERT INTO address_attempt AS a (address_key, wrong_count, last_at) VALUES (of_key, 1, now())
  ON CONFLICT (address_key) DO UPDATE
    SET wrong_count = a.wrong_count + 1, last_at = now(),
        locked_until = CASE WHEN a.wrong_count >= 20 THEN now() + least(
          interval '15 minutes', interval '30 s' * power(2, least(a.wrong_count - 20, 10))) END
    WHERE a.locked_until IS NULL OR a.locked_until <= now();
  IF FOUND THEN
    RETURN 0;
  END IF;
  SELECT locked_until - now() INTO waiting FROM address_attempt WHERE address_key = of_key;
  RETURN greatest(1, ceil(extract(epoch FROM waiting)))::int;
END $$;

-- A right attempt does not count; it forgives no wrong one: who has an account guesses no others.
CREATE FUNCTION address_passed(of_key bytea) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  UPDATE address_attempt SET wrong_count = greatest(0, wrong_count - 1) WHERE address_key = of_key
$$;

REVOKE EXECUTE ON FUNCTION session_lookup(bytea), session_seen(bytea),
  session_factor_passed(bytea, bytea, interval), sessions_beside(bytea),
  end_session_beside(bytea, bigint), factor_of_session(bytea), factor_step_used(bytea, bigint),
  recovery_code_used(bytea, bytea), factor_enrolled(bytea, bytea, bigint, bytea[]),
  address_attempted(bytea), address_passed(bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION session_lookup(bytea), session_seen(bytea),
  session_factor_passed(bytea, bytea, interval), sessions_beside(bytea),
  end_session_beside(bytea, bigint), factor_of_session(bytea), factor_step_used(bytea, bigint),
  recovery_code_used(bytea, bytea), factor_enrolled(bytea, bytea, bigint, bytea[]),
  address_attempted(bytea), address_passed(bytea) TO guitu_app;
GRANT SELECT (seen_at, idle_s) ON session TO guitu_app;

DROP FUNCTION sign_in_lookup(text);
CREATE FUNCTION sign_in_lookup(of_login text)
RETURNS TABLE (user_id bigint, org_id text, org_path text, org_level text, role text,
               password_hash text, has_factor boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT u.id, u.org_id, o.path, o.level, u.role, u.password_hash,
    EXISTS (SELECT FROM second_factor f WHERE f.user_id = u.id)
  FROM app_user u JOIN org o ON o.id = u.org_id WHERE u.login = of_login AND NOT u.disabled
$$;
REVOKE EXECUTE ON FUNCTION sign_in_lookup(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sign_in_lookup(text) TO guitu_app;
