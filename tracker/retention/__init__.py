"""What becomes of a campaign's people when it is over: they are forgotten, on a day that everybody can read."""
