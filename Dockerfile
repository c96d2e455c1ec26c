# One image for server, gateway, simulators and one-shot preparation.
FROM python:3.13.12-slim-trixie AS build
WORKDIR /src
RUN python -m venv /opt/guitu
COPY requirements.lock ./
RUN /opt/guitu/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.lock
# The console is built on the way: the build hook fetches Node for the time of the build.
COPY . .
RUN /opt/guitu/bin/pip install --no-cache-dir --disable-pip-version-check --no-deps .

FROM python:3.13.12-slim-trixie
RUN groupadd --gid 10001 guitu \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent guitu \
    # Named volumes take over owner and mode of these folders when they are first used.
    && install -d -o 10001 -g 10001 -m 0700 /srv/broker-config /srv/broker-data /srv/gateway /srv/site /srv/keys
COPY --from=build /opt/guitu /opt/guitu
ENV PATH=/opt/guitu/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
# Console; terminals of JT/T 808, GT06 and watches.
EXPOSE 8210 8215 8216 8217
USER 10001:10001
ENTRYPOINT ["guitu"]
