"""Positioning orders and wristbands."""

READERS = {"supervisor", "head", "officer", "auditor", "procurator"}
DECIDERS = {"supervisor", "head", "officer"}

ACCESS = {
    ("POST", "/api/v1/order-applications"): DECIDERS,
    ("GET", "/api/v1/order-applications"): READERS,
    ("GET", "/api/v1/order-applications/{application_id}"): READERS,
    ("POST", "/api/v1/order-applications/{application_id}/approval"): DECIDERS,
    ("POST", "/api/v1/order-applications/{application_id}/refusal"): DECIDERS,
    ("POST", "/api/v1/order-applications/{application_id}/withdrawal"): DECIDERS,
    ("GET", "/api/v1/orders"): READERS,
    ("GET", "/api/v1/orders/{order_id}"): READERS,
    ("GET", "/api/v1/orders/{order_id}/proof"): READERS,
    ("POST", "/api/v1/orders/{order_id}/notice"): DECIDERS,
    ("POST", "/api/v1/orders/{order_id}/assessments"): DECIDERS,
    ("POST", "/api/v1/orders/{order_id}/lifting"): DECIDERS,
    ("POST", "/api/v1/devices/{device_id}/binding"): DECIDERS,
    ("POST", "/api/v1/devices/{device_id}/unbinding"): DECIDERS,
}
