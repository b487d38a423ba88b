"""Finding campaigns and what is recorded in them, by words and facets, within what the reader may see.

Below `digests`, because a saved search can be followed, and above the features whose records it asks.
"""
