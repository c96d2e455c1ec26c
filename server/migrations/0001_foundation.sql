-- Organisations, people who work here, case files, devices, fences, orders.
-- Core PostgreSQL only. Run by the owner role; guitu_app and guitu_ingest own nothing.
-- Roles are created by the migration runner (they need passwords).

CREATE TABLE org (
  id         text PRIMARY KEY CHECK (id ~ '^[A-Za-z0-9_-]{1,40}$'),
  parent_id  text REFERENCES org (id),
  path       text NOT NULL UNIQUE CHECK (path ~ '^/([A-Za-z0-9_-]+/)+$'),  -- '/province/city/county/'
  level      text NOT NULL CHECK (level IN ('province', 'city', 'county', 'office')),  -- 省 市 县 所
  name_zh    text NOT NULL,
  name_en    text NOT NULL,
  boundary   jsonb                                   -- GeoJSON geometry, WGS-84; display only
);

-- The organisations of the caller's scope, from the transaction's setting guitu.scope
-- (a path; unset means none). SECURITY DEFINER: it must see org rows to decide who may.
-- pg_temp stands last in every such search_path: else a caller's temporary table would be first.
CREATE FUNCTION scope_orgs() RETURNS text[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT coalesce(array_agg(id), '{}') FROM org
  WHERE right(current_setting('guitu.scope', true), 1) = '/'  -- '/county' is no path
    AND starts_with(path, current_setting('guitu.scope', true))
$$;

CREATE TABLE app_user (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  login         text NOT NULL UNIQUE CHECK (login ~ '^[A-Za-z0-9_-]{1,40}$'),  -- a holder's id on the wire
  org_id        text NOT NULL REFERENCES org (id),
  role          text NOT NULL CHECK (role IN ('admin', 'supervisor', 'officer', 'auditor')),
  name          text NOT NULL,
  password_hash text,                                -- argon2id; null: cannot sign in
  can_sign_in   boolean NOT NULL GENERATED ALWAYS AS (password_hash IS NOT NULL) STORED,
  disabled      boolean NOT NULL DEFAULT false
);

-- Attempts by login, whether the login exists or not (the answer must not tell).
CREATE TABLE sign_in_attempt (
  login_key    bytea PRIMARY KEY,                    -- SHA-256 of the login
  failed_count int NOT NULL,
  last_at      timestamptz NOT NULL,
  locked_until timestamptz
);

CREATE TABLE session (
  token_hash bytea PRIMARY KEY,                      -- SHA-256 of the cookie
  user_id    bigint NOT NULL REFERENCES app_user (id) ON DELETE CASCADE,
  org_id     text NOT NULL REFERENCES org (id),
  csrf_token text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL
);

-- 社区矫正对象. `id` is the pseudonym; only it leaves the server.
CREATE TABLE subject (
  id          text PRIMARY KEY CHECK (id ~ '^[A-Za-z0-9_-]{1,40}$'),
  org_id      text NOT NULL REFERENCES org (id),
  name        text NOT NULL,
  category    text NOT NULL CHECK (category IN ('control', 'probation', 'parole', 'medical')),
              -- 管制 缓刑 假释 暂予监外执行 (社区矫正法 Art. 2)
  is_minor    boolean NOT NULL DEFAULT false,        -- the minors' regime, for life of the case (Art. 58)
  term_from   date NOT NULL,
  term_to     date NOT NULL CHECK (term_to >= term_from)
);

CREATE TABLE device (
  id                  text PRIMARY KEY CHECK (id ~ '^[A-Za-z0-9_-]{1,40}$'),
  org_id              text NOT NULL REFERENCES org (id),
  kind                text NOT NULL CHECK (kind IN ('wristband', 'kiosk', 'recorder', 'terminal', 'phone')),
  expected_interval_s int NOT NULL CHECK (expected_interval_s BETWEEN 1 AND 86400)
);

-- Who wears or carries what, when. A holder is a subject or an officer's account.
CREATE TABLE binding (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  org_id      text NOT NULL REFERENCES org (id),
  device_id   text NOT NULL REFERENCES device (id),
  holder_kind text NOT NULL CHECK (holder_kind IN ('subject', 'officer')),
  holder_id   text NOT NULL,
  valid_from  timestamptz NOT NULL,
  valid_to    timestamptz CHECK (valid_to > valid_from),
  UNIQUE (device_id, valid_from)
);

-- 电子定位决定 (Art. 29): one of five grounds, approved by the county bureau head, at most three
-- months; an extension is an order of its own.
CREATE TABLE positioning_order (
  id          text PRIMARY KEY CHECK (id ~ '^[A-Za-z0-9_-]{1,40}$'),
  org_id      text NOT NULL REFERENCES org (id),
  subject_id  text NOT NULL REFERENCES subject (id),
  ground      int NOT NULL CHECK (ground BETWEEN 1 AND 5),
  approved_by text NOT NULL,
  approved_at timestamptz NOT NULL,
  valid_from  timestamptz NOT NULL CHECK (valid_from >= approved_at),  -- never back-dated
  valid_to    timestamptz NOT NULL,
  lifted_at   timestamptz,
  CHECK (valid_to > valid_from AND valid_to <= (  -- calendar months where the law counts them
    (valid_from AT TIME ZONE 'Asia/Shanghai') + interval '3 months') AT TIME ZONE 'Asia/Shanghai')
);
CREATE INDEX positioning_order_subject ON positioning_order (subject_id, valid_from);

-- A version of a fence; an edit closes one and opens the next.
CREATE TABLE fence (
  id         text NOT NULL CHECK (id ~ '^[A-Za-z0-9_-]{1,40}$'),
  version    int NOT NULL CHECK (version >= 1),
  org_id     text NOT NULL REFERENCES org (id),
  name       text NOT NULL,
  use        text NOT NULL CHECK (use IN ('inclusion', 'exclusion')),
  datum      text NOT NULL CHECK (datum = 'WGS84'),  -- converted on the way in
  source_datum text NOT NULL CHECK (source_datum IN ('WGS84', 'GCJ02', 'BD09')),
  geometry   jsonb NOT NULL,                         -- Polygon, MultiPolygon, or Point with radius_m
  radius_m   double precision CHECK (radius_m > 0),
  valid_from timestamptz NOT NULL,
  valid_to   timestamptz CHECK (valid_to > valid_from),
  PRIMARY KEY (id, version)
);

-- Whom a version of a fence binds: other people are another version.
CREATE TABLE fence_assignment (
  org_id     text NOT NULL REFERENCES org (id),
  fence_id   text NOT NULL,
  version    int NOT NULL,
  subject_id text NOT NULL REFERENCES subject (id),
  PRIMARY KEY (fence_id, version, subject_id),
  FOREIGN KEY (fence_id, version) REFERENCES fence (id, version)
);
CREATE INDEX fence_assignment_subject ON fence_assignment (subject_id);

-- Every change of what a gateway must know takes a number here, in the same transaction and
-- under the registry's advisory lock, so that number order is commit order.
CREATE TABLE directory_version (
  version    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  org_id     text NOT NULL REFERENCES org (id),
  changed_at timestamptz NOT NULL DEFAULT now(),
  changed_by text NOT NULL
);
CREATE INDEX directory_version_org ON directory_version (org_id, version DESC);

CREATE TABLE gateway (
  id           text PRIMARY KEY CHECK (id ~ '^[A-Za-z0-9_-]{1,40}$'),
  org_id       text NOT NULL REFERENCES org (id),
  token_hash   bytea NOT NULL,                       -- SHA-256 of a random 256-bit token
  last_seen_at timestamptz,
  announced_at timestamptz                           -- last time the live feed heard of it
);

-- How far each of a gateway's two streams has been taken over.
CREATE TABLE gateway_mark (
  gateway_id  text NOT NULL REFERENCES gateway (id),
  org_id      text NOT NULL REFERENCES org (id),
  stream      text NOT NULL CHECK (stream IN ('outcomes', 'telemetry')),
  through_seq bigint NOT NULL,
  taken_at    timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (gateway_id, stream)
);
