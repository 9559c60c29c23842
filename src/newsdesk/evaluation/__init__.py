"""The evaluation room: metrics with intervals, paired comparisons and the report for people."""
