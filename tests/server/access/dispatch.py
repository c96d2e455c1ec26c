"""Sending somebody to an alert."""

READERS = {"supervisor", "head", "officer", "auditor", "procurator"}
HANDLERS = {"supervisor", "officer"}

ACCESS = {
    ("GET", "/api/v1/alerts/{alert_id}/candidates"): HANDLERS,
    ("POST", "/api/v1/alerts/{alert_id}/tasks"): HANDLERS,
    ("GET", "/api/v1/alerts/{alert_id}/tasks"): READERS,
    ("GET", "/api/v1/tasks"): READERS,
    ("GET", "/api/v1/tasks/{task_id}"): READERS,
    ("POST", "/api/v1/tasks/{task_id}/answer"): HANDLERS,
    ("POST", "/api/v1/tasks/{task_id}/report"): HANDLERS,
    ("POST", "/api/v1/tasks/{task_id}/cancellation"): HANDLERS,
}
