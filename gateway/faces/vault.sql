CREATE TABLE IF NOT EXISTS template (
  id             INTEGER PRIMARY KEY,
  org            TEXT NOT NULL,        -- the office that enrolled it; its key sealed it
  subject        TEXT NOT NULL,        -- pseudonym
  token_hash     BLOB NOT NULL,        -- SHA-256 of the token that cards and codes carry
  engine         TEXT NOT NULL,
  basis          TEXT NOT NULL,        -- legal basis of the enrolment
  notice         TEXT NOT NULL,        -- reference of the notice that the person was given
  enrolled_at_us INTEGER NOT NULL,     -- our clock
  sealed         BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS template_token ON template (token_hash);
CREATE INDEX IF NOT EXISTS template_office ON template (org, engine, subject);
CREATE INDEX IF NOT EXISTS template_subject ON template (subject);
CREATE TABLE IF NOT EXISTS waiting (
  id      INTEGER PRIMARY KEY,         -- in the order of coming
  kiosk   TEXT NOT NULL,
  attempt TEXT NOT NULL,
  org     TEXT NOT NULL,
  sealed  BLOB NOT NULL,               -- msgpack of gateway.faces.shown.Shown
  UNIQUE (kiosk, attempt)
);
CREATE TABLE IF NOT EXISTS past (      -- what was shown before, so that it is known again
  kiosk    TEXT NOT NULL,
  attempt  TEXT NOT NULL,
  subject  TEXT NOT NULL,
  capture  BLOB NOT NULL,              -- SHA-256 of the picture
  likeness BLOB NOT NULL,              -- perceptual hash; empty: no picture
  nonce    TEXT NOT NULL,
  at_us    INTEGER NOT NULL,           -- our clock
  PRIMARY KEY (kiosk, attempt)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS past_subject ON past (subject, at_us);
CREATE INDEX IF NOT EXISTS past_nonce ON past (nonce) WHERE nonce <> '';
CREATE TABLE IF NOT EXISTS issued (    -- challenges of our own
  nonce    TEXT PRIMARY KEY,           -- hex
  kiosk    TEXT NOT NULL,
  kind     TEXT NOT NULL,              -- what the person was to do
  until_us INTEGER NOT NULL            -- our clock; attempts that come later are too late
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS issued_kiosk ON issued (kiosk, until_us);
CREATE TABLE IF NOT EXISTS kept (      -- pictures that a person has to look at
  kiosk    TEXT NOT NULL,
  attempt  TEXT NOT NULL,
  subject  TEXT NOT NULL,
  org      TEXT NOT NULL,
  until_us INTEGER NOT NULL,           -- our clock; destroyed then
  sealed   BLOB NOT NULL,
  PRIMARY KEY (kiosk, attempt)
) WITHOUT ROWID;
