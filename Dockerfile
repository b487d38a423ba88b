# The image of Undersigned: one image, every part (`tracker up`, `web`, `worker`, `beat`, `upgrade`).
# Where packages come from is the builder's own setting; this file names no place.

FROM python:3.13-slim AS build
WORKDIR /srv/undersigned
COPY requirements.txt pyproject.toml README.md LICENSE ./
# One requirement comes as source; what builds it has to be there first, from the same lock.
RUN python -m venv /opt/undersigned
RUN awk '/^setuptools==/ {found = 1} found {print; if (!/\\$/) exit}' requirements.txt > /tmp/build-tools.txt
RUN /opt/undersigned/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes --no-deps -r /tmp/build-tools.txt
RUN /opt/undersigned/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes --no-deps --no-build-isolation -r requirements.txt
COPY tracker tracker
COPY worker worker
COPY templates templates
RUN /opt/undersigned/bin/pip install --no-cache-dir --disable-pip-version-check --no-deps --no-build-isolation --editable .
# The tree is read-only where it runs, so it is compiled here.
RUN /opt/undersigned/bin/python -m compileall -q /opt/undersigned/lib tracker worker

FROM python:3.13-slim
RUN groupadd --gid 10001 undersigned && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /var/lib/undersigned --shell /usr/sbin/nologin undersigned && install -d -o 10001 -g 10001 -m 0700 /var/lib/undersigned /var/backups/undersigned
COPY --from=build /opt/undersigned /opt/undersigned
COPY --from=build /srv/undersigned /srv/undersigned
WORKDIR /srv/undersigned
ENV PATH=/opt/undersigned/bin:/usr/local/bin:/usr/bin:/bin
ENV PYTHONDONTWRITEBYTECODE=1
ENV PYTHONUNBUFFERED=1
ENV TRACKER_ENV=production
ENV TRACKER_INSTANCE=/var/lib/undersigned
ENV BACKUP_DIR=/var/backups/undersigned
VOLUME ["/var/lib/undersigned", "/var/backups/undersigned"]
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=60s --timeout=20s --start-period=120s --retries=3 CMD ["tracker", "alive", "web"]
ENTRYPOINT ["tracker"]
CMD ["up", "--host", "0.0.0.0"]
