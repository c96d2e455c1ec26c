-- 三员分立: the system administrator enters accounts, the security administrator makes them effective
-- and recovers them with a second one, the auditor reads (docs/access.md). What no single person may do
-- is refused here, whatever the handlers ask for.

ALTER TABLE app_user
  ADD COLUMN staff_no text UNIQUE CHECK (length(staff_no) BETWEEN 1 AND 40),
  ADD COLUMN awaits_grant boolean NOT NULL DEFAULT false,
  ADD COLUMN granted_by text,
  ADD COLUMN granted_at timestamptz;
GRANT SELECT (staff_no, awaits_grant, granted_by, granted_at), INSERT (staff_no)
  ON app_user TO guitu_app;

-- Who serves people writes no effective account: a new one, another role, another organisation and a
-- disabled one that comes back all wait for a grant.
CREATE FUNCTION await_grant() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  IF NEW.role <> 'subject' AND current_user IN ('guitu_app', 'guitu_worker') THEN
    IF TG_OP = 'INSERT' THEN
      NEW.awaits_grant := true;
    ELSIF NEW.role <> OLD.role OR NEW.org_id <> OLD.org_id OR (OLD.disabled AND NOT NEW.disabled) THEN
      NEW.awaits_grant := true;
    END IF;
    IF NEW.awaits_grant THEN
      NEW.granted_by := NULL;
      NEW.granted_at := NULL;
    END IF;
  END IF;
  RETURN NEW;
END $$;
REVOKE EXECUTE ON FUNCTION await_grant() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION await_grant() TO guitu_app;
CREATE TRIGGER await_grant BEFORE INSERT OR UPDATE ON app_user
  FOR EACH ROW EXECUTE FUNCTION await_grant();

CREATE OR REPLACE FUNCTION sign_in_lookup(of_login text)
RETURNS TABLE (user_id bigint, org_id text, org_path text, org_level text, role text,
               password_hash text, has_factor boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT u.id, u.org_id, o.path, o.level, u.role, u.password_hash,
    EXISTS (SELECT FROM second_factor f WHERE f.user_id = u.id)
  FROM app_user u JOIN org o ON o.id = u.org_id
  WHERE u.login = of_login AND NOT u.disabled AND NOT u.awaits_grant
$$;

CREATE OR REPLACE FUNCTION session_lookup(of_token_hash bytea)
RETURNS TABLE (user_id bigint, login text, name text, role text, subject_id text,
               password_is_once boolean, csrf_token text, org_id text, org_path text, org_level text,
               org_name_zh text, org_name_en text, has_factor boolean, factor_passed boolean,
               expires_at timestamptz, idle_s int, is_unseen boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT u.id, u.login, u.name, u.role, u.subject_id, u.password_is_once, s.csrf_token, o.id, o.path,
    o.level, o.name_zh, o.name_en, EXISTS (SELECT FROM second_factor f WHERE f.user_id = u.id),
    s.factor_passed, s.expires_at, s.idle_s, s.seen_at < now() - interval '30 s'
  FROM session s JOIN app_user u ON u.id = s.user_id JOIN org o ON o.id = u.org_id
  WHERE s.token_hash = of_token_hash AND NOT u.disabled AND NOT u.awaits_grant
    AND s.expires_at > now() AND s.seen_at > now() - make_interval(secs => s.idle_s)
$$;

CREATE OR REPLACE FUNCTION sessions_alive(of_hashes bytea[]) RETURNS SETOF bytea
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  UPDATE session SET seen_at = now() WHERE token_hash IN (
    SELECT s.token_hash FROM session s
    WHERE s.token_hash = ANY (of_hashes) AND s.seen_at < now() - interval '30 s'
      AND s.seen_at > now() - make_interval(secs => s.idle_s)
    FOR UPDATE SKIP LOCKED);
  RETURN QUERY SELECT s.token_hash FROM session s JOIN app_user u ON u.id = s.user_id
    WHERE s.token_hash = ANY (of_hashes) AND NOT u.disabled AND NOT u.awaits_grant
      AND s.expires_at > now() AND s.seen_at > now() - make_interval(secs => s.idle_s);
END $$;

-- The security administrator whose session this is, and an account of that scope which is another's;
-- nobody otherwise.
CREATE FUNCTION account_for_security(of_token_hash bytea, of_login text)
RETURNS TABLE (by_login text, user_id bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT s.login, u.id FROM session_lookup(of_token_hash) s
  JOIN app_user u ON u.login = of_login JOIN org o ON o.id = u.org_id
  WHERE s.role = 'security' AND u.login <> s.login AND u.role <> 'subject'
    AND starts_with(o.path, s.org_path)
$$;

-- Make an account effective in the role that it waits for, with a password that is good once.
CREATE FUNCTION account_granted(of_token_hash bytea, of_login text, of_role text, new_hash text)
RETURNS boolean
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH granted AS (
    UPDATE app_user u SET awaits_grant = false, granted_by = a.by_login, granted_at = now(),
      password_hash = new_hash, password_is_once = true
    FROM account_for_security(of_token_hash, of_login) a
    WHERE u.id = a.user_id AND u.awaits_grant AND NOT u.disabled AND u.role = of_role
    RETURNING u.id), ended AS (
    DELETE FROM session s USING granted WHERE s.user_id = granted.id)
  SELECT EXISTS (SELECT FROM granted)
$$;

-- Forget the wrong attempts at an account, by the keys that the server counts them under.
CREATE FUNCTION account_unlocked(of_token_hash bytea, of_login text) RETURNS boolean
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH account AS (SELECT * FROM account_for_security(of_token_hash, of_login)), gone AS (
    DELETE FROM sign_in_attempt a USING account WHERE a.login_key IN (
      sha256(convert_to(of_login, 'UTF8')),
      sha256(convert_to('code of ' || account.user_id, 'UTF8'))))
  SELECT EXISTS (SELECT FROM account)
$$;

-- 找回: a lost password or factor is recovered by two security administrators.
CREATE TABLE account_recovery (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  org_id     text NOT NULL REFERENCES org (id),
  login      text NOT NULL REFERENCES app_user (login),
  what       text NOT NULL CHECK (what IN ('password', 'factor', 'both')),
  reason     text NOT NULL CHECK (length(reason) BETWEEN 4 AND 500),
  state      text NOT NULL DEFAULT 'asked' CHECK (state IN ('asked', 'approved', 'refused')),
  asked_by   text NOT NULL CHECK (asked_by <> login),
  asked_at   timestamptz NOT NULL DEFAULT now(),
  decided_by text CHECK (decided_by <> login),
  decided_at timestamptz,
  CHECK ((state = 'asked') = (decided_by IS NULL)),
  CHECK (state <> 'approved' OR decided_by <> asked_by)
);
CREATE UNIQUE INDEX account_recovery_open ON account_recovery (login) WHERE state = 'asked';
CREATE INDEX account_recovery_org ON account_recovery (org_id, id DESC);
CALL guard('account_recovery', NULL);
GRANT SELECT ON account_recovery TO guitu_app;

CREATE FUNCTION recovery_asked(of_token_hash bytea, of_login text, of_what text, why text)
RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  INSERT INTO account_recovery (org_id, login, what, reason, asked_by)
  SELECT u.org_id, u.login, of_what, why, a.by_login
  FROM account_for_security(of_token_hash, of_login) a JOIN app_user u ON u.id = a.user_id
  ON CONFLICT (login) WHERE state = 'asked' DO NOTHING
  RETURNING id
$$;

-- Approve (with the hash of a password that is good once) or refuse; one who asked may only refuse. A
-- request that nobody approved for a day is too old. False: not this person, or not any more.
CREATE FUNCTION recovery_decided(of_token_hash bytea, of_id bigint, approves boolean, new_hash text)
RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  asked record;
  who record;
BEGIN
  SELECT * INTO asked FROM account_recovery r WHERE r.id = of_id AND r.state = 'asked' FOR UPDATE;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  SELECT * INTO who FROM account_for_security(of_token_hash, asked.login);
  IF NOT FOUND OR approves
     AND (asked.asked_by = who.by_login OR asked.asked_at < now() - interval '1 day') THEN
    RETURN false;
  END IF;
  UPDATE account_recovery r SET state = CASE WHEN approves THEN 'approved' ELSE 'refused' END,
    decided_by = who.by_login, decided_at = now() WHERE r.id = of_id;
  IF approves THEN
    IF asked.what IN ('password', 'both') THEN
      UPDATE app_user u SET password_hash = new_hash, password_is_once = true
      WHERE u.id = who.user_id;
    END IF;
    IF asked.what IN ('factor', 'both') THEN
      DELETE FROM second_factor f WHERE f.user_id = who.user_id;
    END IF;
    DELETE FROM session s WHERE s.user_id = who.user_id;
  END IF;
  RETURN true;
END $$;

REVOKE EXECUTE ON FUNCTION account_for_security(bytea, text),
  account_granted(bytea, text, text, text), account_unlocked(bytea, text),
  recovery_asked(bytea, text, text, text), recovery_decided(bytea, bigint, boolean, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION account_granted(bytea, text, text, text), account_unlocked(bytea, text),
  recovery_asked(bytea, text, text, text), recovery_decided(bytea, bigint, boolean, text)
  TO guitu_app;

-- 人民检察院: what a procurator looked at, which the procurator and the auditors read.
CREATE TABLE procurator_look (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  org_id     text NOT NULL REFERENCES org (id),
  by_login   text NOT NULL,
  call       text NOT NULL CHECK (length(call) <= 200),
  thing      text CHECK (length(thing) <= 200),
  at         timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX procurator_look_org ON procurator_look (org_id, id DESC);
CREATE INDEX procurator_look_login ON procurator_look (by_login, id DESC);
CALL guard('procurator_look', NULL);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON procurator_look
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewrite();
GRANT SELECT, INSERT (org_id, by_login, call, thing) ON procurator_look TO guitu_app;
