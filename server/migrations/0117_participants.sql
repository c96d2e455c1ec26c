-- 社会力量积分: volunteers (志愿者) and social organisations (社会组织) that help with corrections, and what
-- they did (社区矫正法 Art. 13, 40). No supervised person is named here, and a volunteer is a number.
CREATE TABLE participant (
  id           text PRIMARY KEY CHECK (id ~ '^vp-[0-9a-f]{24}$'),
  org_id       text NOT NULL REFERENCES org (id),
  kind         text NOT NULL CHECK (kind IN ('volunteer', 'organisation')),
  registration text NOT NULL CHECK (registration ~ '^[A-Za-z0-9-]{4,40}$'),
  name         text CHECK (length(name) BETWEEN 1 AND 100),
  entered_by   text NOT NULL,
  entered_at   timestamptz NOT NULL,
  CHECK ((kind = 'organisation') = (name IS NOT NULL)),
  UNIQUE (org_id, kind, registration)
);
CALL guard('participant', NULL);
GRANT SELECT, INSERT ON participant TO guitu_app;

-- 积分方案: what a deed is worth; proposed by one, signed by another, in force from a month to come.
CREATE TABLE participant_policy (
  id          text PRIMARY KEY CHECK (id ~ '^[A-Za-z0-9_.-]{1,40}$'),
  org_id      text NOT NULL REFERENCES org (id),
  content     jsonb NOT NULL CHECK (pg_column_size(content) <= 65536),
  sha256      bytea NOT NULL CHECK (length(sha256) = 32),
  state       text NOT NULL DEFAULT 'proposed' CHECK (state IN ('proposed', 'signed', 'refused')),
  month       int,                                   -- year * 12 + month - 1, the first in force
  proposed_by text NOT NULL,
  proposed_at timestamptz NOT NULL,
  decided_by  text CHECK (decided_by <> proposed_by),
  decided_at  timestamptz,
  version     int NOT NULL DEFAULT 1,
  CHECK ((state = 'proposed') = (decided_by IS NULL) AND (state = 'proposed') = (decided_at IS NULL)),
  CHECK ((state = 'signed') = (month IS NOT NULL))
);
CREATE INDEX participant_policy_signed ON participant_policy (org_id, month) WHERE state = 'signed';
CALL guard('participant_policy', NULL);
GRANT SELECT, INSERT, UPDATE (state, month, decided_by, decided_at, version) ON participant_policy
  TO guitu_app;

CREATE TABLE participant_deed (
  id             text PRIMARY KEY CHECK (id ~ '^vd-[0-9a-f]{24}$'),
  org_id         text NOT NULL REFERENCES org (id),
  participant_id text NOT NULL REFERENCES participant (id),
  deed           text NOT NULL CHECK (deed ~ '^[a-z][a-z0-9_]{1,39}$'),
  quantity       numeric(6, 2) NOT NULL CHECK (quantity > 0),
  occurred_at    timestamptz NOT NULL,               -- as who recorded it says
  note           text NOT NULL CHECK (length(note) <= 400),
  recorded_by    text NOT NULL,
  recorded_at    timestamptz NOT NULL CHECK (recorded_at >= occurred_at)
);
CREATE INDEX participant_deed_of ON participant_deed (participant_id, occurred_at);
CALL guard('participant_deed', NULL);

-- A deed that did not happen, or not so; the deed stays, and counts no more.
CREATE TABLE participant_deed_void (
  deed_id  text PRIMARY KEY REFERENCES participant_deed (id),
  org_id   text NOT NULL REFERENCES org (id),
  reason   text NOT NULL CHECK (length(reason) BETWEEN 4 AND 400),
  by_login text NOT NULL,
  at       timestamptz NOT NULL
);
CALL guard('participant_deed_void', NULL);

DO $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['participant_deed', 'participant_deed_void'] LOOP
    EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON %I'
      ' FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewrite()', t);
    EXECUTE format('GRANT SELECT, INSERT ON %I TO guitu_app', t);
  END LOOP;
END $$;

-- What an office counts by is signed above it.
CREATE FUNCTION participant_policies(of_org text)
RETURNS TABLE (id text, month int, depth int, content jsonb)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT p.id, p.month, length(above.path), p.content
  FROM org mine JOIN org above ON starts_with(mine.path, above.path)
  JOIN participant_policy p ON p.org_id = above.id AND p.state = 'signed'
  WHERE mine.id = of_org
  ORDER BY length(above.path), p.month, p.decided_at
$$;
REVOKE EXECUTE ON FUNCTION participant_policies(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION participant_policies(text) TO guitu_app;
