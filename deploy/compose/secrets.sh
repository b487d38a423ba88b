#!/bin/sh
# secrets.sh FOLDER: make what compose.yaml reads, once. The folder is for its owner alone; the files in it are readable,
# since each part runs as a user of its own inside its container.
set -eu
folder=${1:-secrets}
if [ -e "$folder/data_key" ]; then
  echo "$folder is there already; a new data_key could not open what the old one sealed." >&2
  exit 1
fi
umask 022
mkdir -p "$folder"
chmod 700 "$folder"
random() { openssl rand -base64 32; }
random > "$folder/secret_key"
random > "$folder/data_key"
password=$(openssl rand -hex 24)
echo "$password" > "$folder/postgres_password"
echo "postgresql+psycopg://undersigned:$password@database/undersigned" > "$folder/database_url"
echo "postgresql+psycopg://undersigned:$password@database/undersigned_keys" > "$folder/key_database_url"
echo "${MAIL_URL:-smtp://USER:PASSWORD@mail.example.org:587?starttls=required}" > "$folder/mail_url"
echo "Made $folder. Write your mail server into $folder/mail_url, and keep a copy of $folder/data_key where you keep passwords."
