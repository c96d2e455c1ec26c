-- Alarms of every device protocol: more names than 31 bits hold (firmware_protocols/alarm.py).
ALTER TABLE position_report ALTER COLUMN alarms TYPE bigint;
ALTER TABLE latest_position ALTER COLUMN alarms TYPE bigint;
