"""Notices (提示) of a monthly close: grades that changed and scores that decline, for a person."""
