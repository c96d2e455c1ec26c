-- A server that is asked whether it is ready says which of its migrations the database lacks.
CREATE FUNCTION migrations_done() RETURNS SETOF text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS 'SELECT name FROM schema_migration';
REVOKE ALL ON FUNCTION migrations_done() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION migrations_done() TO guitu_app;
