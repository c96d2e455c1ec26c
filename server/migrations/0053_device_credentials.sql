-- Credentials of devices (server/credentials, docs/devices.md): numbered per device, each may end.
-- A device without a row has its first one, number 0, without an end.
CREATE TABLE device_credential (
  device_id   text NOT NULL REFERENCES device (id),
  generation  int NOT NULL CHECK (generation BETWEEN 0 AND 9999),
  org_id      text NOT NULL REFERENCES org (id),
  issued_by   text NOT NULL,
  issued_at   timestamptz NOT NULL,
  not_after   timestamptz CHECK (not_after >= issued_at),  -- null: until it is ended
  end_reason  text CHECK (length(end_reason) BETWEEN 4 AND 500),
  ended_by    text,
  ended_at    timestamptz,
  PRIMARY KEY (device_id, generation),
  CHECK (num_nonnulls(end_reason, ended_by, ended_at) IN (0, 3))
);
CREATE INDEX device_credential_org ON device_credential (org_id);
CALL guard('device_credential', NULL);
GRANT SELECT, INSERT, UPDATE (not_after, end_reason, ended_by, ended_at) ON device_credential
  TO guitu_app;
GRANT SELECT (device_id, org_id, not_after, ended_at) ON device_credential TO guitu_ingest;

-- What has ended holds never again, and an end only comes nearer: a new credential is issued instead.
CREATE FUNCTION keep_credential_ended() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  IF OLD.ended_at IS NOT NULL
    OR coalesce(NEW.not_after, 'infinity') > coalesce(OLD.not_after, 'infinity') THEN
    RAISE EXCEPTION 'credential % of device % has ended: issue a new one', OLD.generation,
      OLD.device_id USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
REVOKE EXECUTE ON FUNCTION keep_credential_ended() FROM PUBLIC;
CREATE TRIGGER keep_ended BEFORE UPDATE ON device_credential
  FOR EACH ROW EXECUTE FUNCTION keep_credential_ended();

-- What a broker's accounts are made of: credentials that hold now. broker_devices() stays for
-- programs of the release before, until they are replaced.
CREATE FUNCTION broker_credentials()
RETURNS TABLE (id text, org_id text, kind text, generation int)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT d.id, d.org_id, d.kind, coalesce(c.generation, 0)
  FROM device d LEFT JOIN device_credential c ON c.device_id = d.id
  WHERE c.ended_at IS NULL AND coalesce(c.not_after, 'infinity') > now()
  ORDER BY d.id, c.generation
$$;
REVOKE EXECUTE ON FUNCTION broker_credentials() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION broker_credentials() TO guitu_ingest;
