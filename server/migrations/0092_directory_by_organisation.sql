-- A directory is a county's rows of tables that hold a province's: each is found by organisation,
-- which is what its policy asks. Orders have such an index, and people (0017, 0018).

CREATE INDEX device_org ON device (org_id);
CREATE INDEX binding_org ON binding (org_id, valid_to);
CREATE INDEX fence_org ON fence (org_id, valid_to);
CREATE INDEX fence_assignment_org ON fence_assignment (org_id, fence_id, version, subject_id);
CREATE INDEX subject_version_org ON subject_version (org_id, valid_to);
CREATE INDEX leave_org ON leave (org_id, valid_to);
CREATE INDEX permit_org ON permit (org_id, valid_to);
CREATE INDEX checkin_duty_org ON checkin_duty (org_id, valid_to);
