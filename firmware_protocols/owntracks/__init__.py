"""OwnTracks' JSON over MQTT; see docs/protocols/owntracks.md."""
