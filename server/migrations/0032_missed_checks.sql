-- A check that nobody answered is a record of its own (law-26), written when its time is over.
ALTER TABLE information_check DROP CONSTRAINT information_check_state_check;
ALTER TABLE information_check ADD CONSTRAINT information_check_state_check
  CHECK (state IN ('planned', 'done', 'missed', 'cancelled'));
CREATE INDEX information_check_open ON information_check (due_to) WHERE state = 'planned';
