-- 放假安排: the State Council's notice of a year's days off, entered where the program does not know
-- it yet. The nearest organisation's newest entry of a year is in force.
CREATE TABLE holiday_notice (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  org_id     text NOT NULL REFERENCES org (id),
  year       int NOT NULL CHECK (year BETWEEN 2020 AND 2099),
  off        date[] NOT NULL CHECK (cardinality(off) <= 60),
  worked     date[] NOT NULL CHECK (cardinality(worked) <= 60),
  source     text NOT NULL CHECK (length(source) BETWEEN 4 AND 500),
  entered_by text NOT NULL,
  entered_at timestamptz NOT NULL DEFAULT now()
);
CALL guard('holiday_notice', NULL);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON holiday_notice
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewrite();
GRANT SELECT, INSERT (org_id, year, off, worked, source, entered_by) ON holiday_notice TO guitu_app;

CREATE FUNCTION holiday_notices(of_org text)
RETURNS TABLE (year int, off date[], worked date[], source text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT DISTINCT ON (n.year) n.year, n.off, n.worked, n.source
  FROM org mine JOIN org above ON starts_with(mine.path, above.path)
  JOIN holiday_notice n ON n.org_id = above.id
  WHERE mine.id = of_org ORDER BY n.year, length(above.path) DESC, n.id DESC
$$;
REVOKE EXECUTE ON FUNCTION holiday_notices(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION holiday_notices(text) TO guitu_app;
