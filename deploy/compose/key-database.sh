#!/bin/sh
# Run once by the PostgreSQL image: the campaigns' keys lie in a database of their own.
set -eu
createdb --username "$POSTGRES_USER" undersigned_keys
