-- A change of what gateways must know wakes those that wait for it. Heard when it is committed;
-- whoever did not listen then asks again within seconds.
CREATE FUNCTION ring_directory() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM pg_notify('guitu_directory', NEW.org_id);
  RETURN NULL;
END $$;
REVOKE EXECUTE ON FUNCTION ring_directory() FROM PUBLIC;
CREATE TRIGGER ring AFTER INSERT ON directory_version
  FOR EACH ROW EXECUTE FUNCTION ring_directory();
