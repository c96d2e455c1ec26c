-- Where a person may move without leaving the city is drawn by the city's districts, most of them
-- outside of the office that enters the fence: their borders are no secret, and nothing else is told.
CREATE FUNCTION district_boundaries(districts text[])
RETURNS TABLE (id text, city text, boundary jsonb)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT d.id, d.parent_id, d.boundary FROM org d JOIN org c ON c.id = d.parent_id
  WHERE d.id = ANY (districts) AND d.level = 'county' AND c.level = 'city'
    AND EXISTS (SELECT FROM org s WHERE s.id = ANY (scope_orgs()) AND starts_with(s.path, c.path))
$$;
REVOKE EXECUTE ON FUNCTION district_boundaries(text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION district_boundaries(text[]) TO guitu_app;
