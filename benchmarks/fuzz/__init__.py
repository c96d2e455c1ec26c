"""Coverage-guided fuzzing of every codec and dialogue: `make fuzz`; see docs/fuzzing.md."""
