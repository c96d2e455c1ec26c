-- 积分兑换: an account beside the score. What a month gained is credited, what is granted is taken off,
-- what is taken back is returned; never below zero, never out of the score (docs/scoring.md).
CREATE TABLE redemption (
  id             text PRIMARY KEY CHECK (id ~ '^rd-[0-9a-f]{24}$'),
  org_id         text NOT NULL REFERENCES org (id),
  subject_id     text NOT NULL REFERENCES subject (id),
  item           text NOT NULL CHECK (length(item) BETWEEN 1 AND 40),
  zh             text NOT NULL CHECK (length(zh) <= 400),
  en             text NOT NULL CHECK (length(en) <= 400),
  cost_milli     bigint NOT NULL CHECK (cost_milli > 0),
  policy_version text NOT NULL,
  asked_by       text NOT NULL,
  asked_at       timestamptz NOT NULL,
  state          text NOT NULL DEFAULT 'asked'
    CHECK (state IN ('asked', 'granted', 'refused', 'reversed')),
  decided_by     text CHECK (decided_by <> asked_by),
  decided_at     timestamptz,
  note           text CHECK (length(note) <= 2000),
  reversed_by    text CHECK (reversed_by <> decided_by),
  reversed_at    timestamptz,
  reason         text CHECK (length(reason) <= 2000),
  version        int NOT NULL DEFAULT 1,             -- optimistic concurrency; the ETag
  CHECK ((state = 'asked') = (decided_by IS NULL) AND (state = 'asked') = (decided_at IS NULL)),
  CHECK ((state = 'reversed') = (reversed_by IS NOT NULL)),
  CHECK ((state = 'reversed') = (reversed_at IS NOT NULL))
);
CREATE INDEX redemption_list ON redemption (org_id, asked_at DESC, id);
CREATE INDEX redemption_person ON redemption (subject_id, asked_at DESC);
CALL guard('redemption', 'subject_id');
GRANT SELECT, INSERT, UPDATE (state, decided_by, decided_at, note, reversed_by, reversed_at, reason,
  version) ON redemption TO guitu_app;

CREATE FUNCTION keep_redemption() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  IF TG_OP = 'DELETE' OR OLD.state IN ('refused', 'reversed') THEN
    RAISE EXCEPTION 'what came of a redemption stays'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'redemption_stays';
  END IF;
  RETURN NEW;
END $$;
REVOKE EXECUTE ON FUNCTION keep_redemption() FROM PUBLIC;
CREATE TRIGGER keep BEFORE UPDATE OR DELETE ON redemption
  FOR EACH ROW EXECUTE FUNCTION keep_redemption();

-- Double entry: what the person's account gains, its contra account gives.
CREATE TABLE redemption_entry (
  id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  org_id         text NOT NULL REFERENCES org (id),
  subject_id     text NOT NULL REFERENCES subject (id),
  number         int NOT NULL CHECK (number > 0),    -- of the person's lines, from 1
  kind           text NOT NULL CHECK (kind IN ('earned', 'corrected', 'waived', 'redeemed', 'returned')),
  contra         text GENERATED ALWAYS AS (CASE WHEN kind IN ('redeemed', 'returned')
    THEN 'items' ELSE 'policy/' || policy_version END) STORED,
  month          int,                                -- year * 12 + month - 1
  redemption_id  text REFERENCES redemption (id),
  points_milli   bigint NOT NULL CHECK (points_milli <> 0),
  balance_milli  bigint NOT NULL CHECK (balance_milli >= 0),
  policy_version text NOT NULL,
  author         text NOT NULL,
  recorded_at    timestamptz NOT NULL,
  prev_hash      bytea NOT NULL CHECK (length(prev_hash) = 32),
  hash           bytea NOT NULL CHECK (length(hash) = 32),
  UNIQUE (subject_id, number),
  CHECK ((kind IN ('redeemed', 'returned')) = (redemption_id IS NOT NULL)),
  CHECK ((month IS NULL) = (redemption_id IS NOT NULL)),
  CHECK ((points_milli < 0) = (kind IN ('corrected', 'redeemed')))
);
CREATE UNIQUE INDEX redemption_entry_once ON redemption_entry (redemption_id, kind)
  WHERE redemption_id IS NOT NULL;
CALL guard_record('redemption_entry', 'subject_id');
GRANT SELECT, INSERT ON redemption_entry TO guitu_app;

-- Which closes were credited.
CREATE TABLE redemption_round (
  org_id  text NOT NULL REFERENCES org (id),
  month   int NOT NULL,
  made_at timestamptz NOT NULL,
  PRIMARY KEY (org_id, month)
);
CALL guard('redemption_round', NULL);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON redemption_round
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewrite();
GRANT SELECT, INSERT ON redemption_round TO guitu_app;
