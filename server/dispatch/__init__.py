"""派员: somebody is sent to an alert, by the own terminal and by the app."""
