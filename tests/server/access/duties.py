"""Duties, activities, assessments, investigations, searches."""

READERS = {"supervisor", "head", "officer", "auditor", "procurator"}
DECIDERS = {"supervisor", "head", "officer"}
OWN = {"subject"}
OF = "/api/v1/subjects/{subject_id}"
ASSESSMENT = "/api/v1/assessments/{assessment_id}"
INVESTIGATION = "/api/v1/investigations/{investigation_id}"
MISSING = "/api/v1/missing/{missing_id}"

ACCESS = {
    ("GET", OF + "/duties"): READERS,
    ("POST", OF + "/duties"): DECIDERS,
    ("POST", OF + "/duties/medical-review-extension"): DECIDERS,
    ("GET", "/api/v1/duties/records"): READERS,
    ("POST", "/api/v1/duties/records"): DECIDERS,
    ("GET", "/api/v1/me/duties"): OWN,
    ("POST", "/api/v1/me/reports"): OWN,
    ("GET", "/api/v1/activities"): READERS,
    ("POST", "/api/v1/activities"): DECIDERS,
    ("GET", "/api/v1/activities/{activity_id}"): READERS,
    ("POST", "/api/v1/activities/{activity_id}/attendance"): DECIDERS,
    ("POST", "/api/v1/activities/{activity_id}/cancellation"): DECIDERS,
    ("POST", OF + "/assessments"): DECIDERS,
    ("GET", "/api/v1/assessments"): READERS,
    ("GET", ASSESSMENT): READERS,
    ("POST", ASSESSMENT + "/decision"): DECIDERS,
    ("POST", ASSESSMENT + "/notice"): DECIDERS,
    ("POST", ASSESSMENT + "/objections"): DECIDERS,
    ("POST", "/api/v1/assessments/objections/{objection_id}/answer"): DECIDERS,
    ("GET", "/api/v1/me/assessments"): OWN,
    ("POST", "/api/v1/me/assessments/{assessment_id}/objections"): OWN,
    ("GET", "/api/v1/investigations"): READERS,
    ("POST", "/api/v1/investigations"): DECIDERS,
    ("GET", "/api/v1/investigations/statistics"): READERS,
    ("GET", INVESTIGATION): READERS,
    ("POST", INVESTIGATION + "/extension"): DECIDERS,
    ("POST", INVESTIGATION + "/report"): DECIDERS,
    ("POST", INVESTIGATION + "/answer"): DECIDERS,
    ("POST", INVESTIGATION + "/adoption"): DECIDERS,
    ("POST", INVESTIGATION + "/withdrawal"): DECIDERS,
    ("POST", OF + "/missing"): DECIDERS,
    ("GET", "/api/v1/missing"): READERS,
    ("GET", "/api/v1/missing/hints"): READERS,
    ("GET", MISSING): READERS,
    ("POST", MISSING + "/steps"): DECIDERS,
    ("POST", MISSING + "/found"): DECIDERS,
    ("POST", MISSING + "/finding"): DECIDERS,
    ("POST", MISSING + "/notice"): DECIDERS,
    ("POST", MISSING + "/closing"): DECIDERS,
}
