-- A fence is its county's, a permission its person's office's: who edits the fence need not see the
-- permission, which holds for the new shape as for the old one.
CREATE FUNCTION standing_place_permissions(fences text[])
RETURNS TABLE (fence_id text, subject_id text, begins_at timestamptz, ends_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT p.body ->> 'fence', p.subject_id, greatest(p.from_time, p.decided_at, now()), p.to_time
  FROM permission_application p
  WHERE p.kind = 'place' AND p.state = 'approved' AND p.to_time > now()
    AND p.body ->> 'fence' = ANY (fences)
    AND EXISTS (SELECT FROM fence f
      WHERE f.id = p.body ->> 'fence' AND f.org_id = ANY (scope_orgs()))
  ORDER BY p.decided_at, p.id
$$;
REVOKE EXECUTE ON FUNCTION standing_place_permissions(text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION standing_place_permissions(text[]) TO guitu_app;
CREATE INDEX permission_place ON permission_application ((body ->> 'fence'), to_time)
  WHERE kind = 'place' AND state = 'approved';
