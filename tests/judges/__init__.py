"""Judges of Slack's words that were not written by us, and the counts they lack."""
