#!/bin/sh
# publish.sh NAME HOST ENDPOINT... : leads HOST to the endpoints, as the step of a pipeline does that knows them. What was published
# as NAME before is replaced as a whole; run it with NAME alone to take that away.
#   ENVOYAGE_SERVER  the daemon (http://127.0.0.1:8080)
#   ENVOYAGE_TOKEN   its token, where it asks for one
#   TTL              how long it stays unless it is published again, as in 10m; for good unless given
set -eu
name=${1:?the name of the set is missing}
shift
url=${ENVOYAGE_SERVER:-http://127.0.0.1:8080}/api/v1/providers/push/$name
if [ -n "${ENVOYAGE_TOKEN:-}" ]; then
  ask() { curl -sS --fail-with-body -H "Authorization: Bearer $ENVOYAGE_TOKEN" "$@"; }
else
  ask() { curl -sS --fail-with-body "$@"; }
fi

if [ $# -eq 0 ]; then
  ask -X DELETE "$url?wait=acked" >/dev/null
  echo "$name is gone"
  exit
fi

host=$1
shift
endpoints=
for each in "$@"; do endpoints="$endpoints${endpoints:+, }\"$each\""; done

# wait=acked: the answer comes when every Envoy has it.
answer=$(ask -X PUT -H 'Content-Type: application/yaml' --data-binary @- "$url?wait=acked${TTL:+&ttl=$TTL}" <<YAML
kind: Service
name: $name
host: $host
endpoints: [$endpoints]
YAML
)
case $answer in
  *'"problemCount":0'*) echo "$host leads to $*" ;;
  *)
    echo "$answer" >&2
    exit 1
    ;;
esac
