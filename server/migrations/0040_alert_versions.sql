-- When each version of an alert came, so that an export can name the messages before it (CAP 1.2,
-- 3.2.1, references). The newest 32; the first version came with raised_at.

ALTER TABLE alert
  ADD COLUMN changed_at timestamptz[] NOT NULL DEFAULT ARRAY[now()]
    CHECK (cardinality(changed_at) BETWEEN 1 AND 32);

CREATE FUNCTION note_alert_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- A transaction that began before the last one committed is no earlier version.
  NEW.changed_at := (OLD.changed_at
    || greatest(now(), OLD.changed_at[cardinality(OLD.changed_at)]))
    [greatest(1, cardinality(OLD.changed_at) - 30):];
  RETURN NEW;
END $$;

CREATE TRIGGER noted_version BEFORE UPDATE ON alert FOR EACH ROW
  WHEN (NEW.version <> OLD.version) EXECUTE FUNCTION note_alert_version();
REVOKE EXECUTE ON FUNCTION note_alert_version() FROM PUBLIC;
