# syntax=docker/dockerfile:1

FROM python:3.13-slim AS editor
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_NO_INPUT=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /source
COPY requirements-build.txt ./
RUN pip install --require-hashes -r requirements-build.txt
# The packages first: their layer stays cached until the editor's lock file changes.
COPY building building
COPY editor/package.json editor/package-lock.json editor/.npmrc editor/
RUN python -m building install
COPY editor editor
RUN python -m building

FROM python:3.13-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_NO_INPUT=1
RUN python -m venv /opt/diagramai
WORKDIR /source
# The dependencies first: their layer stays cached until the lock file changes.
COPY requirements.txt ./
RUN /opt/diagramai/bin/pip install --require-hashes -r requirements.txt
COPY pyproject.toml README.md LICENSE ./
COPY building building
COPY ot ot
COPY client client
COPY actors actors
COPY persistence persistence
COPY gateway gateway
COPY --from=editor /source/gateway/static gateway/static
RUN /opt/diagramai/bin/pip install --no-deps --no-build-isolation .

FROM python:3.13-slim
RUN useradd --system --uid 10001 --user-group --create-home --home-dir /data diagramai
COPY --from=build /opt/diagramai /opt/diagramai
ENV PATH=/opt/diagramai/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 \
    DIAGRAMAI_DATA_DIR=/data
USER diagramai
WORKDIR /data
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8080/api/health', timeout=2)"]
STOPSIGNAL SIGTERM
# Inside the container every address is reachable only through the port that was published;
# publish it to 127.0.0.1 unless a proxy with TLS stands before it. DIAGRAMAI_JWT_SECRET or DIAGRAMAI_JWKS
# says how people are known; without one of them the server does not start. DATABASE_URL names the
# database; without it an embedded one runs in /data.
ENTRYPOINT ["diagramai"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8080"]
