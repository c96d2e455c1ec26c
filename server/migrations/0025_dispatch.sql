-- 派员: somebody is sent to an alert, and every step of the way (docs/decisions/0025-dispatch.md).

CREATE TABLE dispatch_task (
  id          text PRIMARY KEY CHECK (id ~ '^[A-Za-z0-9_-]{1,40}$'),
  org_id      text NOT NULL REFERENCES org (id),     -- the alert's
  alert_id    text NOT NULL REFERENCES alert (id),
  login       text NOT NULL REFERENCES app_user (login),
  device_id   text REFERENCES device (id),           -- null: by the app alone
  command_id  text UNIQUE REFERENCES command (id),
  what        text NOT NULL CHECK (length(what) BETWEEN 1 AND 200),
  -- Where the dispatcher sends; null: where the person was last, read when it is asked for and kept
  -- nowhere, so that it ends with the positions themselves.
  place_name  text CHECK (length(place_name) <= 100),
  lon_e7      int CHECK (lon_e7 BETWEEN -1800000000 AND 1800000000),
  lat_e7      int CHECK (lat_e7 BETWEEN -900000000 AND 900000000),
  sent_by     text NOT NULL,
  sent_at     timestamptz NOT NULL,
  due_at      timestamptz NOT NULL CHECK (due_at > sent_at),  -- on site by then
  state       text NOT NULL DEFAULT 'sent' CHECK (state IN ('sent', 'received', 'accepted', 'declined',
                'en_route', 'on_site', 'reported', 'cancelled', 'lapsed')),
  state_at    timestamptz NOT NULL,
  lapses_at   timestamptz,                           -- accepted by then, later on site by then
  was_on_site boolean NOT NULL DEFAULT false,
  finding     text CHECK (finding IN ('founded', 'unfounded', 'inconclusive')),
  report      text CHECK (length(report) BETWEEN 2 AND 2000),
  version     int NOT NULL DEFAULT 1,
  CHECK ((lon_e7 IS NULL) = (lat_e7 IS NULL)),
  CHECK ((device_id IS NULL) = (command_id IS NULL)),
  -- Whoever is expected somewhere is on a clock.
  CONSTRAINT dispatch_on_a_clock CHECK (
    (state IN ('sent', 'received', 'accepted', 'en_route')) = (lapses_at IS NOT NULL)),
  CHECK ((state = 'reported') = (report IS NOT NULL) AND (report IS NULL) = (finding IS NULL))
);
CREATE INDEX dispatch_task_alert ON dispatch_task (alert_id, sent_at);
CREATE INDEX dispatch_task_login ON dispatch_task (login, sent_at DESC, id DESC);
CREATE INDEX dispatch_task_lapse ON dispatch_task (lapses_at) WHERE lapses_at IS NOT NULL;
CALL guard('dispatch_task', NULL);
GRANT SELECT, INSERT, UPDATE (state, state_at, lapses_at, was_on_site, finding, report, version)
  ON dispatch_task TO guitu_app, guitu_ingest;
REVOKE INSERT ON dispatch_task FROM guitu_ingest;

-- Who said what, when by the device and when by us. What moved nothing is kept too.
CREATE TABLE dispatch_step (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  org_id     text NOT NULL REFERENCES org (id),
  task_id    text NOT NULL REFERENCES dispatch_task (id),
  step       text NOT NULL CHECK (step IN ('sent', 'received', 'accepted', 'declined', 'en_route',
               'on_site', 'reported', 'cancelled', 'lapsed')),
  by_login   text,                                   -- null: a device, or a clock
  device_id  text,
  gateway_id text,
  note       text CHECK (length(note) <= 2000),
  moved      boolean NOT NULL,
  step_time  timestamptz NOT NULL,                   -- as it was said
  at         timestamptz NOT NULL DEFAULT now(),
  UNIQUE (task_id, step, step_time)                  -- a repeated answer is none
);
CREATE INDEX dispatch_step_task ON dispatch_step (task_id, id);
CALL guard('dispatch_step', NULL);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON dispatch_step
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewrite();
GRANT SELECT, INSERT (org_id, task_id, step, by_login, device_id, gateway_id, note, moved, step_time)
  ON dispatch_step TO guitu_app, guitu_ingest;

-- The down-link that carries a task; where to go is added when a gateway fetches it.
ALTER TABLE command
  DROP CONSTRAINT command_name_check,
  ADD CONSTRAINT command_name_check CHECK (name IN ('set_interval', 'locate', 'text', 'task',
    'restart', 'power_off', 'factory_reset', 'close_link', 'close_radio')),
  DROP CONSTRAINT command_check1,
  ADD CONSTRAINT command_text_check1 CHECK ((name IN ('text', 'task')) = (text IS NOT NULL));

-- A device's answer tells who sent.
GRANT EXECUTE ON FUNCTION enqueue_notifications(jsonb) TO guitu_ingest;
