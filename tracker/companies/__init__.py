"""Companies that are asked or asked about, and other organisations that sign, file, organise or are asked."""
