"""What the office reads of its own alerts in figures."""

READERS = {"supervisor", "head", "officer", "auditor", "procurator"}
DECIDERS = {"supervisor", "head", "officer"}
REPORTS = "/api/v1/alert-reports"

ACCESS = {
    ("GET", "/api/v1/alert-precision"): READERS,
    ("GET", "/api/v1/alert-budget"): READERS,
    ("GET", "/api/v1/alert-budget/reasons"): READERS,
    ("POST", "/api/v1/alerts/seen"): READERS - {"procurator"},
    ("GET", "/api/v1/alert-record"): READERS,
    ("GET", "/api/v1/alert-record/file"): READERS,
    ("GET", "/api/v1/alert-times"): READERS,
    ("POST", REPORTS): DECIDERS,
    ("GET", REPORTS): READERS,
    ("GET", REPORTS + "/figures"): READERS,
    ("GET", REPORTS + "/{report_id}"): READERS,
    ("GET", REPORTS + "/{report_id}/file"): READERS,
}
