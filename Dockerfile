FROM node:26-bookworm-slim AS build
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY tsconfig.json ./
COPY protos protos
COPY src src
RUN npm run binary
# Node needs libatomic, which its image has and the plain one lacks.
RUN mkdir -p /out/bin /out/lib && cp dist/envoyage /out/bin/ && cp -L $(ldd dist/envoyage | awk '/libatomic/ { print $3 }') /out/lib/

FROM debian:bookworm-slim
RUN groupadd --system --gid 10001 envoyage \
  && useradd --system --uid 10001 --gid 10001 --home-dir /var/lib/envoyage --shell /usr/sbin/nologin envoyage \
  && install -d -m 0700 -o envoyage -g envoyage /var/lib/envoyage
COPY --from=build /out/lib/ /usr/lib/
COPY --from=build /out/bin/ /usr/local/bin/
# By number, so that an orchestrator can see that it is not root.
USER 10001:10001
ENV ENVOYAGE_DATA_DIR=/var/lib/envoyage
VOLUME /var/lib/envoyage
EXPOSE 9090
# Asks the API on the container's loopback; where it needs a token, ENVOYAGE_TOKEN_FILE has to name the file here too.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["envoyage", "status"]
ENTRYPOINT ["envoyage"]
CMD ["serve"]
