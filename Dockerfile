# The set-up of the README in a container: docker build -t pilot . && docker run --rm pilot
FROM debian:trixie-slim

RUN apt-get update \
    && apt-get install -y --no-install-recommends python3 python3-venv make git \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home pilot
USER pilot
WORKDIR /home/pilot/evaluation
COPY --chown=pilot . .
RUN make install

# `docker run --rm -p 8888:8888 pilot make lab LAB="--no-open -- --ip 0.0.0.0"` opens the notebooks.
CMD ["make", "report"]
