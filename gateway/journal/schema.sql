-- One file, one writer. synchronous=FULL: a commit has reached the disk when it returns.
CREATE TABLE IF NOT EXISTS entry (
  seq    INTEGER PRIMARY KEY,          -- from 1 without gaps; the uplink's position
  kind   TEXT NOT NULL,                -- start, directory, batch, tick, checkin, destruction,
                                       -- local, media
  at_us  INTEGER NOT NULL,             -- our clock, us since 1970 UTC
  rows   INTEGER NOT NULL,             -- reports in it
  body   BLOB NOT NULL,                -- msgpack
  digest BLOB NOT NULL                 -- SHA-256 over the previous digest and this entry
);
CREATE TABLE IF NOT EXISTS outcome (
  seq  INTEGER NOT NULL,               -- the entry that it came from
  nth  INTEGER NOT NULL,
  body BLOB NOT NULL,                  -- msgpack of gateway.engine.outcome.Outcome
  PRIMARY KEY (seq, nth)
) WITHOUT ROWID;
-- Entries of which a destruction took something; the destructions' own entries prove it.
CREATE TABLE IF NOT EXISTS rewritten (
  seq          INTEGER PRIMARY KEY,
  destroyed_by INTEGER NOT NULL,       -- the entry that says so
  left_sha256  BLOB NOT NULL           -- of the body that is left
);
CREATE TABLE IF NOT EXISTS quarantine (
  id      INTEGER PRIMARY KEY,
  at_us   INTEGER NOT NULL,
  reason  TEXT NOT NULL,               -- stable word, as counted
  topic   TEXT NOT NULL,
  detail  TEXT NOT NULL,
  size    INTEGER NOT NULL,            -- bytes of the message
  payload BLOB                         -- its beginning; null where the law keeps it nowhere
);
