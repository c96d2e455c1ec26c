"""The record of acts (执法留痕): who did what, by which authority, and when."""
