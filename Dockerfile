# The set-up of the README in a container: docker build -t pilot . && docker run --name pilot pilot
FROM debian:trixie-slim

RUN apt-get update \
    && apt-get install -y --no-install-recommends python3 python3-venv make git \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home pilot \
    && install --directory --owner pilot /evaluation
USER pilot
WORKDIR /evaluation
COPY --chown=pilot . .
RUN make install

CMD ["make", "report"]
