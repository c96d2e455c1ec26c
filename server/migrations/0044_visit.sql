-- A terminal's report of a visit is compared with positions in the gateway's own request: what
-- people may see through this function, a gateway may of its own organisations.
GRANT EXECUTE ON FUNCTION latest_positions(bigint) TO guitu_ingest;
-- The organisation's figures decide what is near; they hold nothing about a person.
GRANT EXECUTE ON FUNCTION law_policies(text, timestamptz) TO guitu_ingest;
