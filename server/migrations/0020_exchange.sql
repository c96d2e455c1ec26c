-- 导入: one row for each file that somebody sent, with how far its reading is and how it ended. The
-- file itself is not kept. Written beside the import's own transaction, so that it can be watched
-- and stays when nothing of the file was taken.
CREATE TABLE import_run (
  key        text NOT NULL CHECK (length(key) BETWEEN 8 AND 120),  -- the request's Idempotency-Key
  org_id     text NOT NULL REFERENCES org (id),
  login      text NOT NULL,
  kind       text NOT NULL,
  is_dry_run boolean NOT NULL,
  sha256     bytea NOT NULL CHECK (length(sha256) = 32),
  state      text NOT NULL CHECK (state IN ('reading', 'checking', 'writing', 'taken', 'checked', 'refused')),
  rows       int NOT NULL DEFAULT 0,
  done       int NOT NULL DEFAULT 0,
  faults     int NOT NULL DEFAULT 0,
  started_at timestamptz NOT NULL,
  moved_at   timestamptz NOT NULL,
  PRIMARY KEY (login, key)
);
CREATE INDEX import_run_page ON import_run (org_id, started_at DESC, login, key);
CALL guard('import_run', NULL);
GRANT SELECT, INSERT, UPDATE (kind, is_dry_run, sha256, state, rows, done, faults, started_at, moved_at)
  ON import_run TO guitu_app;
