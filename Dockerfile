# goldbot for production: its bundle and your catalogue on Node's current LTS. The image has no shell, no package manager
# and no node_modules; it runs as nobody, writes nothing, and needs no network to start but its database's.
#
#   docker build -t goldbot .
#   docker run --read-only --cap-drop=ALL --env-file .env --env GOLDBOT_CATALOG=/app/catalog -p 3978:3978 goldbot
#
# A release pins both bases by digest, and refuses one that is not pinned (deploy/pipelines/pin.mjs, docs/container.md).

FROM node:26-trixie-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# What builds is among the optional packages; no script of a package runs.
RUN ["npm", "ci", "--omit=dev", "--ignore-scripts"]
COPY . .
RUN ["npm", "run", "build"]
RUN ["npm", "run", "sbom"]

FROM gcr.io/distroless/nodejs26-debian13:nonroot
LABEL org.opencontainers.image.title="goldbot" org.opencontainers.image.licenses="MIT"
WORKDIR /app
ENV NODE_ENV=production GOLDBOT_CATALOG=/app/catalog
COPY LICENSE ./
COPY --from=build /app/dist ./dist
COPY catalog ./catalog
# By number, so that a cluster can see that it is not root.
USER 65532:65532
EXPOSE 3978
STOPSIGNAL SIGTERM
# For Docker; Container Apps and Kubernetes ask /livez and /readyz themselves.
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s CMD ["/nodejs/bin/node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT || 3978}/livez`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# The option: see docs/adr/0025-production-is-one-file.md.
ENTRYPOINT ["/nodejs/bin/node", "--max-semi-space-size=4", "dist/serve.js"]
