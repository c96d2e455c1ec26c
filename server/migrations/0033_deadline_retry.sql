-- A clock whose lapse or warning could not be noted is tried again later: one that always fails holds
-- up no other.
ALTER TABLE deadline ADD COLUMN retry_at timestamptz;
GRANT UPDATE (retry_at) ON deadline TO guitu_app;
