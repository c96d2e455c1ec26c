"""Recordings of officers' recorders."""

READERS = {"supervisor", "head", "officer", "auditor", "procurator"}
HANDLERS = {"supervisor", "officer"}
DECIDERS = {"supervisor", "head", "officer"}

ACCESS = {
    ("GET", "/api/v1/media"): READERS,
    ("GET", "/api/v1/media/{media_id}"): READERS,
    ("GET", "/api/v1/media/{media_id}/content"): READERS,
    ("POST", "/api/v1/media/{media_id}/links"): HANDLERS,
    ("POST", "/api/v1/media/{media_id}/retention"): DECIDERS,
}
