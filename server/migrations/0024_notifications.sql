-- Notifications: what a person or an organisation is to be told, over which channels, and what became
-- of each (docs/decisions/0024-notifications.md).

-- An address holds secrets: it is sealed under the site's key and never leaves the server.
CREATE TABLE notification_channel (
  id             text PRIMARY KEY CHECK (id ~ '^[A-Za-z0-9_-]{1,40}$'),
  org_id         text NOT NULL REFERENCES org (id),
  login          text,                               -- null: the organisation's own
  kind           text NOT NULL CHECK (kind IN ('apprise', 'robot', 'webhook', 'terminal')),
  name           text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
  address_sealed bytea CHECK (octet_length(address_sealed) <= 16384),
  address_shown  text NOT NULL CHECK (length(address_shown) <= 300),  -- without any secret
  tells          text NOT NULL DEFAULT 'reference_only'
    CHECK (tells IN ('reference_only', 'pseudonym', 'name')),
  languages      text[] NOT NULL DEFAULT '{zh,en}'
    CHECK (languages <@ '{zh,en}' AND cardinality(languages) BETWEEN 1 AND 2),
  severities     text[] NOT NULL DEFAULT '{critical,major,minor}'
    CHECK (severities <@ '{critical,major,minor}' AND cardinality(severities) BETWEEN 1 AND 3),
  -- Quiet hours by Beijing time; critical is told all the same.
  quiet_from     time,
  quiet_to       time CHECK (quiet_to <> quiet_from),
  enabled        boolean NOT NULL DEFAULT true,
  -- The circuit breaker; one for all server processes.
  failure_count  int NOT NULL DEFAULT 0 CHECK (failure_count >= 0),
  broken_until   timestamptz,
  entered_by     text NOT NULL,
  entered_at     timestamptz NOT NULL DEFAULT now(),
  version        int NOT NULL DEFAULT 1,
  CHECK ((quiet_from IS NULL) = (quiet_to IS NULL)),
  CHECK ((kind = 'terminal') = (address_sealed IS NULL)),
  CONSTRAINT channel_of_a_terminal CHECK (kind <> 'terminal' OR login IS NOT NULL),
  -- Names go to this site's own screens and people, never to somebody else's servers.
  CONSTRAINT channel_tells_names CHECK (tells <> 'name' OR kind = 'terminal')
);
CREATE INDEX notification_channel_org ON notification_channel (org_id, id);
CREATE INDEX notification_channel_login ON notification_channel (login) WHERE login IS NOT NULL;
CALL guard('notification_channel', NULL);
GRANT SELECT, INSERT (id, org_id, login, kind, name, address_sealed, address_shown, tells, languages,
    severities, quiet_from, quiet_to, enabled, entered_by),
  UPDATE (name, address_sealed, address_shown, tells, languages, severities, quiet_from, quiet_to,
    enabled, failure_count, broken_until, version) ON notification_channel TO guitu_app;

-- What signs a webhook's requests. Two at once while a receiver changes over.
CREATE TABLE notification_secret (
  id         text PRIMARY KEY CHECK (id ~ '^[A-Za-z0-9_-]{1,40}$'),
  org_id     text NOT NULL REFERENCES org (id),
  channel_id text NOT NULL REFERENCES notification_channel (id) ON DELETE CASCADE,
  sealed     bytea NOT NULL CHECK (octet_length(sealed) <= 4096),
  made_at    timestamptz NOT NULL DEFAULT now(),
  ends_at    timestamptz
);
CREATE INDEX notification_secret_channel ON notification_secret (channel_id, made_at);
CALL guard('notification_secret', NULL);
GRANT SELECT, INSERT (id, org_id, channel_id, sealed), UPDATE (ends_at), DELETE
  ON notification_secret TO guitu_app;

-- One thing that somebody is told. On the person's own desk it waits until it is read, whatever
-- becomes of its deliveries. `org_id` is the recipient's, `about_org` the matter's.
CREATE TABLE notification (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  key        text NOT NULL UNIQUE CHECK (length(key) BETWEEN 1 AND 200),
  org_id     text NOT NULL REFERENCES org (id),
  about_org  text NOT NULL REFERENCES org (id),
  login      text,                                   -- null: the organisation's channels
  channel_id text,                                   -- only this one: a test
  kind       text NOT NULL CHECK (kind ~ '^[a-z][a-z0-9_]{1,39}$'),  -- a template's name
  severity   text NOT NULL CHECK (severity IN ('critical', 'major', 'minor')),
  alert_id   text REFERENCES alert (id),
  fold_key   text NOT NULL CHECK (length(fold_key) <= 300),  -- of one fold are told together
  body       jsonb NOT NULL DEFAULT '{}',
  queued_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
  read_at    timestamptz
);
CREATE INDEX notification_login ON notification (login, id DESC);
CREATE INDEX notification_unread ON notification (login) WHERE read_at IS NULL;
CREATE INDEX notification_alert ON notification (alert_id, id) WHERE alert_id IS NOT NULL;
CREATE INDEX notification_queued ON notification (queued_at);
CALL guard('notification', NULL);
GRANT SELECT, UPDATE (read_at), DELETE ON notification TO guitu_app;

-- A notification on its way over one channel. Those of one message_key are one message; a message
-- that may have gone out already goes out again under the same key.
CREATE TABLE notification_delivery (
  id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  notification_id bigint NOT NULL REFERENCES notification (id) ON DELETE CASCADE,
  channel_id      text NOT NULL REFERENCES notification_channel (id) ON DELETE CASCADE,
  org_id          text NOT NULL REFERENCES org (id),
  urgency         smallint NOT NULL CHECK (urgency BETWEEN 0 AND 2),  -- 0 critical
  fold_key        text NOT NULL,
  state           text NOT NULL DEFAULT 'queued'
    CHECK (state IN ('queued', 'sending', 'delivered', 'dead')),
  -- When it may be tried; while it is sent, when its lease ends.
  next_at         timestamptz NOT NULL DEFAULT clock_timestamp(),
  lease           text,
  message_key     text,
  attempts        int NOT NULL DEFAULT 0,
  first_at        timestamptz,                       -- taken up for the first time
  ended_at        timestamptz,                       -- delivered, or given up
  detail          text NOT NULL DEFAULT '' CHECK (length(detail) <= 300),
  command_id      text REFERENCES command (id),      -- what a terminal was sent
  UNIQUE (notification_id, channel_id),
  CHECK ((state IN ('delivered', 'dead')) = (ended_at IS NOT NULL)),
  CHECK ((state = 'sending') = (lease IS NOT NULL)),
  CHECK (state <> 'sending' OR message_key IS NOT NULL)
);
CREATE INDEX notification_delivery_waiting ON notification_delivery (channel_id, urgency, next_at)
  WHERE state IN ('queued', 'sending');
CREATE INDEX notification_delivery_message ON notification_delivery (message_key)
  WHERE state IN ('queued', 'sending');
CREATE INDEX notification_delivery_channel ON notification_delivery (channel_id, id DESC);
CREATE INDEX notification_delivery_dead ON notification_delivery (org_id, id DESC)
  WHERE state = 'dead';
CALL guard('notification_delivery', NULL);
GRANT SELECT, UPDATE (state, next_at, lease, message_key, attempts, first_at, ended_at, detail,
  command_id) ON notification_delivery TO guitu_app;

-- The one way in. Who tells may not see the recipient's organisation or its channels: an office
-- tells its county. The matter must be of the caller's scope. A person without a channel of the own
-- is told over the organisation's; a key that is known changes nothing.
CREATE FUNCTION enqueue_notifications(wanted jsonb) RETURNS int
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  placed int;
BEGIN
  IF EXISTS (SELECT FROM jsonb_to_recordset(wanted) AS w(org_id text)
             WHERE w.org_id IS NULL OR w.org_id <> ALL (scope_orgs())) THEN
    RAISE EXCEPTION 'a notification is about an organisation outside the scope'
      USING ERRCODE = 'insufficient_privilege';
  END IF;
  WITH asked AS (
    SELECT w.*, coalesce(u.org_id, w.org_id) AS to_org, e.place
    FROM jsonb_array_elements(wanted) WITH ORDINALITY AS e(one, place)
    CROSS JOIN LATERAL jsonb_to_record(e.one) AS w(key text, org_id text, login text,
      channel_id text, kind text, severity text, alert_id text, fold_key text, body jsonb)
    LEFT JOIN app_user u ON u.login = w.login),
  fresh AS (
    INSERT INTO notification (key, org_id, about_org, login, channel_id, kind, severity, alert_id,
      fold_key, body)
    SELECT key, to_org, org_id, login, channel_id, kind, severity, alert_id, fold_key, body
    FROM asked ORDER BY place ON CONFLICT (key) DO NOTHING
    RETURNING id, org_id, login, channel_id, severity, fold_key),
  sent AS (
    INSERT INTO notification_delivery (notification_id, channel_id, org_id, urgency, fold_key)
    SELECT n.id, c.id, c.org_id, array_position(ARRAY['critical', 'major', 'minor'], n.severity) - 1,
      n.fold_key
    FROM fresh n JOIN notification_channel c ON CASE
      WHEN n.channel_id IS NOT NULL THEN c.id = n.channel_id
      WHEN NOT c.enabled OR n.severity <> ALL (c.severities) THEN false
      WHEN c.login IS NOT NULL THEN c.login = n.login
      ELSE c.org_id = n.org_id AND NOT EXISTS (
        SELECT FROM notification_channel o WHERE o.login = n.login AND o.enabled
          AND n.severity = ANY (o.severities)) END
    RETURNING 1)
  SELECT count(*) INTO placed FROM fresh;
  IF placed > 0 THEN
    PERFORM pg_notify('guitu_notification', '');
  END IF;
  RETURN placed;
END $$;
REVOKE EXECUTE ON FUNCTION enqueue_notifications(jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION enqueue_notifications(jsonb) TO guitu_app;
