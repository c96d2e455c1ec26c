"""Notification channels, deliveries, and a person's own notifications."""

EVERYONE = {"admin", "supervisor", "head", "officer", "auditor", "procurator"}
REGISTRARS = {"admin", "supervisor"}
CHANNELS = "/api/v1/notification-channels"

ACCESS = {
    ("POST", CHANNELS): REGISTRARS,
    ("GET", CHANNELS): EVERYONE,
    ("GET", CHANNELS + "/{channel_id}"): EVERYONE,
    ("PATCH", CHANNELS + "/{channel_id}"): REGISTRARS,
    ("POST", CHANNELS + "/{channel_id}/secrets"): REGISTRARS,
    ("POST", CHANNELS + "/{channel_id}/test"): REGISTRARS,
    ("GET", "/api/v1/notification-deliveries"): EVERYONE,
    ("POST", "/api/v1/notification-deliveries/{delivery_id}/retry"): REGISTRARS,
    ("GET", "/api/v1/notifications"): EVERYONE,
    ("GET", "/api/v1/notifications/unread"): EVERYONE,
    ("POST", "/api/v1/notifications/read"): EVERYONE - {"procurator"},
    ("POST", "/api/v1/notifications/{notification_id}/read"): EVERYONE - {"procurator"},
}
