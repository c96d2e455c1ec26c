-- A named person destroys keys within the own scope only: the function sees every key, so that the
-- organisation that it is told says nothing about whose the holder is. Keys of frames and
-- directories are the gateways'; they are nobody's to ask for.
CREATE OR REPLACE FUNCTION ask_archive_destruction(
  of_org text, of_kind text, of_holder text, of_order text, why text, by_login text)
RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF NOT of_org = ANY (scope_orgs()) THEN
    RAISE EXCEPTION 'organisation % is not in the scope', of_org;
  END IF;
  IF of_kind NOT IN ('subject', 'officer', 'protected') THEN
    RAISE EXCEPTION 'keys of kind % are not a person''s: subject, officer or protected', of_kind;
  END IF;
  IF EXISTS (SELECT FROM archive_key k WHERE k.holder_kind = of_kind AND k.holder_id = of_holder
             AND k.org_id <> ALL (scope_orgs())) THEN
    RAISE EXCEPTION '% % is not in the scope', of_kind, of_holder;
  END IF;
  RETURN destroy_archive_keys(of_org, of_kind, of_holder, of_order, 'asked', why, by_login);
END $$;
