-- 信用承诺: that a person has signed which text, and the fact that follows from it. Nobody's who is a
-- minor or whose file is sealed (docs/scoring.md).
CREATE TABLE score_promise (
  id           text PRIMARY KEY CHECK (id ~ '^sp-[0-9a-f]{24}$'),
  org_id       text NOT NULL REFERENCES org (id),
  subject_id   text NOT NULL REFERENCES subject (id),
  text_version text NOT NULL CHECK (text_version ~ '^[A-Za-z0-9_.-]{1,40}$'),
  text_sha256  bytea NOT NULL CHECK (length(text_sha256) = 32),
  -- Written after this row: the ledger's lock is taken last.
  fact_id      text NOT NULL UNIQUE REFERENCES fact (id) DEFERRABLE INITIALLY DEFERRED,
  signed_at    timestamptz NOT NULL,                 -- as who recorded it says
  recorded_by  text NOT NULL,
  recorded_at  timestamptz NOT NULL CHECK (recorded_at >= signed_at),
  UNIQUE (subject_id, text_version)
);
CALL guard_record('score_promise', 'subject_id');
GRANT SELECT, INSERT ON score_promise TO guitu_app;
