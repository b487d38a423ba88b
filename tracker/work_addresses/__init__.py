"""Somebody shows that they work there: a code mailed to an address at work signs once, and the address is not kept."""
