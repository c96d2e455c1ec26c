-- Whose own account it is counts with the scope that a proof opened, and not without: then whatever
-- asks this function is closed to who only claims to be somebody.
CREATE OR REPLACE FUNCTION own_subject() RETURNS text
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
  SELECT CASE WHEN open_scope() IS NOT NULL THEN nullif(current_setting('guitu.subject', true), '') END
$$;
