"""The two campaigns that the demonstration tells, in our own words over the facts of tracker/reference/demo."""
