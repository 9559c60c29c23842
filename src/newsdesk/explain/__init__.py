"""Explanations for eyes and for programs: `newsdesk.bundle.Explanation` in, words in colour out."""
