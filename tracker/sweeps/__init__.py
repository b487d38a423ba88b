"""Many signatures are found to be none at once: by conditions, tried first, done by a worker, taken back as a whole."""
