-- 奖惩建议: what a policy proposes for who keeps a grade. The close proposes, a person decides; nothing
-- applies by itself, nothing moves a point, and the law's ladder reads none of it (docs/scoring.md).
CREATE TABLE score_treatment (
  id             text PRIMARY KEY CHECK (id ~ '^st-[0-9a-f]{24}$'),
  org_id         text NOT NULL REFERENCES org (id),
  subject_id     text NOT NULL REFERENCES subject (id),
  treatment      text NOT NULL CHECK (length(treatment) BETWEEN 1 AND 40),
  kind           text NOT NULL CHECK (kind IN ('reward', 'restriction')),
  zh             text NOT NULL CHECK (length(zh) <= 400),
  en             text NOT NULL CHECK (length(en) <= 400),
  policy_version text NOT NULL,
  since_month    int NOT NULL,                       -- year * 12 + month - 1: the grade's first end
  month          int NOT NULL CHECK (month >= since_month),  -- the close that proposed it
  grade          text NOT NULL CHECK (grade IN ('green', 'blue', 'yellow', 'orange', 'red')),
  made_at        timestamptz NOT NULL,
  state          text NOT NULL DEFAULT 'proposed'
    CHECK (state IN ('proposed', 'lapsed', 'set_aside', 'in_force', 'ended')),
  decided_by     text,
  decided_at     timestamptz,
  note           text CHECK (length(note) <= 2000),
  doubted_month  int,                                -- the close that proposed the end
  doubted_grade  text CHECK (doubted_grade IN ('green', 'blue', 'yellow', 'orange', 'red')),
  ended_by       text,                               -- null: the person is not supervised here any more
  ended_at       timestamptz,
  end_note       text CHECK (length(end_note) <= 2000),
  version        int NOT NULL DEFAULT 1,             -- optimistic concurrency; the ETag
  UNIQUE (org_id, subject_id, treatment, since_month),
  CHECK ((state IN ('proposed', 'lapsed')) = (decided_by IS NULL)),
  CHECK ((decided_by IS NULL) = (decided_at IS NULL)),
  CHECK ((state IN ('lapsed', 'ended')) = (ended_at IS NOT NULL)),
  CHECK (doubted_month IS NULL OR state IN ('in_force', 'ended'))
);
CREATE INDEX score_treatment_list ON score_treatment (org_id, month DESC, id DESC);
CREATE UNIQUE INDEX score_treatment_standing ON score_treatment (subject_id, treatment)
  WHERE state IN ('proposed', 'in_force');
CALL guard('score_treatment', 'subject_id');
GRANT SELECT, INSERT, UPDATE (state, decided_by, decided_at, note, doubted_month, doubted_grade,
  ended_by, ended_at, end_note, version) ON score_treatment TO guitu_app;

CREATE FUNCTION keep_treatment() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  IF TG_OP = 'DELETE' OR OLD.state = 'lapsed' THEN
    RAISE EXCEPTION 'what came of a treatment stays'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'score_treatment_stays';
  END IF;
  RETURN NEW;
END $$;
REVOKE EXECUTE ON FUNCTION keep_treatment() FROM PUBLIC;
CREATE TRIGGER keep BEFORE UPDATE OR DELETE ON score_treatment
  FOR EACH ROW EXECUTE FUNCTION keep_treatment();

-- The person's word against one (异议), once; while it waits a restriction is not carried out.
CREATE TABLE score_treatment_objection (
  id           text PRIMARY KEY CHECK (id ~ '^to-[0-9a-f]{24}$'),
  org_id       text NOT NULL REFERENCES org (id),
  subject_id   text NOT NULL REFERENCES subject (id),
  treatment_id text NOT NULL UNIQUE REFERENCES score_treatment (id),
  words        text NOT NULL CHECK (length(words) BETWEEN 1 AND 4000),
  filed_by     text NOT NULL,
  filed_at     timestamptz NOT NULL,
  state        text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'upheld', 'rejected')),
  answer       text CHECK (length(answer) <= 4000),
  answered_by  text CHECK (answered_by <> filed_by),
  answered_at  timestamptz,
  CHECK ((state = 'open') = (answered_by IS NULL) AND (state = 'open') = (answered_at IS NULL)),
  CHECK ((state = 'open') = (answer IS NULL))
);
CALL guard('score_treatment_objection', 'subject_id');
GRANT SELECT, INSERT, UPDATE (state, answer, answered_by, answered_at)
  ON score_treatment_objection TO guitu_app;

CREATE FUNCTION keep_treatment_objection() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  IF TG_OP = 'DELETE' OR OLD.state <> 'open' THEN
    RAISE EXCEPTION 'what was answered stays'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'score_treatment_objection_stays';
  END IF;
  RETURN NEW;
END $$;
REVOKE EXECUTE ON FUNCTION keep_treatment_objection() FROM PUBLIC;
CREATE TRIGGER keep BEFORE UPDATE OR DELETE ON score_treatment_objection
  FOR EACH ROW EXECUTE FUNCTION keep_treatment_objection();

-- Which closes were looked at.
CREATE TABLE score_treatment_round (
  org_id   text NOT NULL REFERENCES org (id),
  month    int NOT NULL,
  proposed int NOT NULL CHECK (proposed >= 0),
  made_at  timestamptz NOT NULL,
  PRIMARY KEY (org_id, month)
);
CALL guard('score_treatment_round', NULL);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON score_treatment_round
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewrite();
GRANT SELECT, INSERT ON score_treatment_round TO guitu_app;
