-- A fence may be its county's while the file is an office's, whose scope does not reach it: the
-- function ends what binds a person of the scope, whoever entered it. Others stay bound by a version
-- of their own from that instant on. A version that has not begun holds for a microsecond.
CREATE FUNCTION end_fences(of_subject text, at timestamptz) RETURNS SETOF text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  held fence;
  others text[];
  made int;
BEGIN
  IF NOT EXISTS (SELECT FROM subject WHERE id = of_subject AND org_id = ANY (scope_orgs())) THEN
    RAISE EXCEPTION 'subject % is not in the scope', of_subject USING ERRCODE = 'check_violation';
  END IF;
  FOR held IN
    SELECT f.* FROM fence f
    JOIN fence_assignment mine ON mine.fence_id = f.id AND mine.version = f.version
    WHERE mine.subject_id = of_subject
      AND coalesce(f.valid_to, 'infinity') > greatest(at, f.valid_from + interval '1 ms')
    ORDER BY f.id, f.version FOR UPDATE OF f
  LOOP
    others := ARRAY(SELECT a.subject_id FROM fence_assignment a
      WHERE a.fence_id = held.id AND a.version = held.version AND a.subject_id <> of_subject);
    UPDATE fence SET valid_to = greatest(at, valid_from + interval '1 microsecond')
    WHERE id = held.id AND version = held.version;
    IF cardinality(others) > 0 THEN
      SELECT max(m.version) + 1 INTO made FROM fence m WHERE m.id = held.id;
      INSERT INTO fence (id, version, org_id, name, use, datum, source_datum, geometry, radius_m,
        width_m, schedule_id, valid_from, valid_to)
      VALUES (held.id, made, held.org_id, held.name, held.use, held.datum, held.source_datum,
        held.geometry, held.radius_m, held.width_m, held.schedule_id,
        greatest(held.valid_from, at), held.valid_to);
      INSERT INTO fence_assignment (org_id, fence_id, version, subject_id)
      SELECT held.org_id, held.id, made, unnest(others);
    END IF;
    RETURN NEXT held.id;
  END LOOP;
END $$;
REVOKE EXECUTE ON FUNCTION end_fences(text, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION end_fences(text, timestamptz) TO guitu_app;
