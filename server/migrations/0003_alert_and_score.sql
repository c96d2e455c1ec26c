-- Outcomes, alerts, confirmed facts, the score ledger, the live feed.

-- What the engine found, as it came (CloudEvents data). Append-only.
CREATE TABLE outcome (
  id            text PRIMARY KEY,
  org_id        text NOT NULL REFERENCES org (id),
  gateway_id    text NOT NULL REFERENCES gateway (id),
  entry_seq     bigint NOT NULL,
  episode_id    text NOT NULL,
  change        text NOT NULL CHECK (change IN ('raised', 'amended', 'cleared', 'superseded')),
  rule          text NOT NULL,
  subject_id    text NOT NULL REFERENCES subject (id),
  device_id     text NOT NULL,
  fence_id      text,
  body          jsonb NOT NULL,
  ingested_at   timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX outcome_episode ON outcome (episode_id);

-- What an officer works on: one row per episode. `state` is people's, `condition` the engine's.
CREATE TABLE alert (
  id          text PRIMARY KEY,                      -- the episode id
  org_id      text NOT NULL REFERENCES org (id),
  rule        text NOT NULL,
  severity    text NOT NULL CHECK (severity IN ('critical', 'major', 'minor')),
  subject_id  text NOT NULL REFERENCES subject (id),
  device_id   text NOT NULL,
  fence_id    text,
  state       text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'acknowledged', 'resolved')),
  condition   text NOT NULL DEFAULT 'active' CHECK (condition IN ('active', 'cleared', 'superseded')),
  verdict     text CHECK (verdict IN ('confirmed', 'false', 'technical', 'excused')),
  begin_time  timestamptz NOT NULL,
  end_time    timestamptz,
  late        boolean NOT NULL,
  evidence    jsonb NOT NULL,
  raised_at   timestamptz NOT NULL DEFAULT now(),
  version     int NOT NULL DEFAULT 1,                -- optimistic concurrency; the ETag
  CHECK ((state = 'resolved') = (verdict IS NOT NULL))
);
CREATE INDEX alert_queue ON alert (org_id, state, raised_at DESC, id DESC);
CREATE INDEX alert_subject ON alert (subject_id, begin_time DESC);

-- Every step on an alert: who, when, why. Append-only.
CREATE TABLE alert_step (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  org_id     text NOT NULL REFERENCES org (id),
  alert_id   text NOT NULL REFERENCES alert (id),
  step       text NOT NULL CHECK (step IN ('raised', 'amended', 'cleared', 'superseded', 'acknowledged', 'resolved')),
  by_login   text,                                   -- null: the engine
  note       text,
  verdict    text,
  at         timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX alert_step_alert ON alert_step (alert_id, id);

-- A confirmed, appealable fact (事实): the only thing that moves points.
CREATE TABLE fact (
  id           text PRIMARY KEY,                     -- deterministic, so that a repeat does nothing
  org_id       text NOT NULL REFERENCES org (id),
  subject_id   text NOT NULL REFERENCES subject (id),
  indicator    text NOT NULL,
  occurred_at  timestamptz NOT NULL,
  quantity     numeric NOT NULL CHECK (quantity > 0),
  evidence     jsonb NOT NULL,                       -- frozen at confirmation
  confirmed_by text NOT NULL,
  confirmed_at timestamptz NOT NULL DEFAULT now(),
  note         text NOT NULL
);

-- 信用矫正分 ledger. Append-only and hash-chained per organisation; a correction is a reversing entry.
-- The chain runs over salted commitments, so that a file's deletion need not break it
-- (docs/decisions/0011-score-ledger.md).
CREATE TABLE score_entry (
  id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  org_id         text NOT NULL REFERENCES org (id),
  subject_id     text NOT NULL REFERENCES subject (id),
  part           text NOT NULL CHECK (part IN ('public', 'management')),   -- 400 + 600
  dimension      text NOT NULL,
  indicator      text NOT NULL,
  points         numeric NOT NULL,
  effective_at   timestamptz NOT NULL,
  fact_id        text REFERENCES fact (id),
  policy_version text NOT NULL,
  author         text NOT NULL,
  evidence       jsonb NOT NULL,
  recorded_at    timestamptz NOT NULL,
  salt           bytea NOT NULL CHECK (length(salt) = 16),
  commitment     bytea NOT NULL,                     -- SHA-256 of salt and the entry's content
  prev_hash      bytea NOT NULL,
  hash           bytea NOT NULL                      -- SHA-256 of prev_hash and commitment
);
CREATE UNIQUE INDEX score_entry_once ON score_entry (fact_id, indicator) WHERE fact_id IS NOT NULL;
CREATE UNIQUE INDEX score_entry_opening ON score_entry (subject_id, part) WHERE indicator = 'opening';
CREATE INDEX score_entry_subject ON score_entry (subject_id, id);
CREATE INDEX score_entry_chain ON score_entry (org_id, id);
CREATE INDEX fact_subject ON fact (subject_id, occurred_at);

-- The live feed: ids are handed out under a lock that is held to commit, so id order is commit order.
CREATE TABLE feed (
  id      bigint PRIMARY KEY,
  org_id  text NOT NULL,
  kind    text NOT NULL CHECK (kind IN ('alert', 'positions', 'gateway')),
  ref     text NOT NULL,
  at      timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE SEQUENCE feed_position;
CREATE INDEX feed_at ON feed (at);

CREATE FUNCTION announce(of_org text, of_kind text, of_ref text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  position bigint;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('guitu feed'));
  position := nextval('feed_position');
  INSERT INTO feed (id, org_id, kind, ref) VALUES (position, of_org, of_kind, of_ref);
  NOTIFY guitu_feed;
  RETURN position;
END $$;

-- Rows that no client may resume from go; the newest stays, so that a quiet night loses nothing.
CREATE FUNCTION trim_feed(keep interval) RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH gone AS (
    DELETE FROM feed WHERE at < now() - keep AND id < (SELECT max(id) FROM feed) RETURNING 1)
  SELECT count(*) FROM gone
$$;

-- Who looked at whose track, and why they said so.
CREATE TABLE access_log (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  org_id     text NOT NULL REFERENCES org (id),
  by_login   text NOT NULL,
  act        text NOT NULL,
  subject_id text,
  purpose    text,
  at         timestamptz NOT NULL DEFAULT now()
);

CREATE FUNCTION refuse_rewrite() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only: write a correcting row instead', TG_TABLE_NAME;
END $$;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON score_entry
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewrite();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON outcome
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewrite();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON alert_step
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewrite();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON fact
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewrite();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON access_log
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewrite();
