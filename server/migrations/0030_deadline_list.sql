-- The list of clocks in every state, in order of their end: without it a county's page reads every
-- clock of the province.
CREATE INDEX deadline_due ON deadline (due_at, id);
