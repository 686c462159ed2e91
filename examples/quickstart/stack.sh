# Read by the scripts beside it: what the stack is made of, and how to start, find and stop its processes.
# shellcheck shell=bash
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.."

quickstart=examples/quickstart
SERVICE=web.example.com
PROCESSES='envoyage upstream-a upstream-b' # in the order in which they are stopped
RUN_DIR=${RUN_DIR:-.run}
BINARY=${BINARY:-dist/envoyage}
: "${RUNTIME:=native}" "${HTTP_PORT:=8080}" "${XDS_PORT:=9090}" "${ENVOY_PORT:=10000}" "${ADMIN_PORT:=9901}"
: "${UPSTREAM_A_PORT:=5678}" "${UPSTREAM_B_PORT:=5679}"
# What is asked here is always this machine.
export no_proxy=127.0.0.1,localhost NO_PROXY=127.0.0.1,localhost

say() { printf '%s\n' "$*"; }
fail() {
  printf '%s\n' "$@" >&2
  exit 1
}

# A stack that is up is spoken to as it was started, whatever the variables say now.
settings_file=$RUN_DIR/stack.env
SETTINGS='RUNTIME HTTP_PORT XDS_PORT ENVOY_PORT ADMIN_PORT UPSTREAM_A_PORT UPSTREAM_B_PORT'
write_settings() {
  local name
  for name in $SETTINGS; do printf '%s=%s\n' "$name" "${!name}"; done >"$settings_file"
}
read_settings() {
  local name value
  while IFS='=' read -r name value; do
    case " $SETTINGS " in *" $name "*) printf -v "$name" '%s' "$value" ;; esac
  done <"$settings_file"
}
export ENVOY_PORT # docker-compose.yaml publishes it
is_recorded() { [ -f "$settings_file" ]; }
settle() {
  if is_recorded; then read_settings; fi
  case $RUNTIME in
    native | docker) ;;
    *) fail "RUNTIME=$RUNTIME is not known: native and docker are" ;;
  esac
}
needs_stack() {
  is_recorded || fail 'nothing is up: run make up first'
  settle
  envoyage status >/dev/null 2>&1 && return
  [ "$RUNTIME" = docker ] || is_running envoyage || fail "the daemon is not running any more: $RUN_DIR/envoyage.log says why, make up starts it again"
  envoyage status >/dev/null || fail 'the daemon does not answer: see make logs'
}

# --- processes of our own: a pid file holds the pid and when that process began, since pids are used again ------------
birth_of() {
  local stat fields
  if [ -r "/proc/$1/stat" ]; then
    { stat=$(<"/proc/$1/stat"); } 2>/dev/null || return 0
    # After the name in parentheses come the state and then, as 22nd field of all, the start (proc_pid_stat(5)).
    read -r -a fields <<<"${stat##*) }"
    [ "${fields[0]}" = Z ] || printf '%s' "${fields[19]}"
  elif [ ! -d /proc/self ]; then
    ps -o lstart= -p "$1" 2>/dev/null | tr -s ' ' '_' || true
  fi
}
pid_of() { # prints the pid where the process runs and is the one that was started here
  local pid birth
  [ -f "$RUN_DIR/$1.pid" ] && read -r pid birth <"$RUN_DIR/$1.pid" && [ -n "$birth" ] && [ "$(birth_of "$pid")" = "$birth" ] && printf '%s' "$pid"
}
is_running() { pid_of "$1" >/dev/null; }
start() { # NAME COMMAND…: in the background, with a session of its own, so that it outlives this terminal
  local name=$1
  shift
  local own_session=()
  ! command -v setsid >/dev/null || own_session=(setsid)
  nohup ${own_session[@]+"${own_session[@]}"} "$@" </dev/null >"$RUN_DIR/$name.log" 2>&1 &
  printf '%s %s\n' "$!" "$(birth_of "$!")" >"$RUN_DIR/$name.pid"
}
stop() { # NAME: SIGTERM, and after 20 seconds (Envoy may take ten of them) SIGKILL
  local name=$1 pid tries
  if pid=$(pid_of "$name"); then
    kill "$pid" 2>/dev/null || true
    for ((tries = 0; tries < 200; tries++)); do
      is_running "$name" || break
      sleep 0.1
    done
    if is_running "$name"; then
      say "$name (pid $pid) does not end by itself: killed"
      kill -KILL "$pid" 2>/dev/null || true
    else
      say "stopped $name (pid $pid)"
    fi
  elif [ -f "$RUN_DIR/$name.pid" ]; then
    say "$name was not running any more"
  fi
  rm -f "$RUN_DIR/$name.pid"
}

# --- the two runtimes --------------------------------------------------------------------------------------------------
compose() {
  if docker compose version >/dev/null 2>&1; then
    docker compose "$@"
  elif command -v docker-compose >/dev/null; then
    docker-compose "$@"
  else
    fail 'RUNTIME=docker needs Docker with its compose plugin, or docker-compose' 'Without Docker: make up'
  fi
}
# The command line of envoyage for this stack, one word a line of the array `cli`.
cli_words() {
  if [ "$RUNTIME" = docker ]; then
    if docker compose version >/dev/null 2>&1; then cli=(docker compose); else cli=(docker-compose); fi
    cli+=(exec -T envoyage envoyage "$@")
  else
    cli=("$BINARY" "$@")
    if [ "$HTTP_PORT" != 8080 ] || [ -n "${ENVOYAGE_SERVER:-}" ]; then cli+=(--server "http://127.0.0.1:$HTTP_PORT"); fi
  fi
}
envoyage() {
  local cli
  cli_words "$@"
  "${cli[@]}" </dev/null
}
shown() { # a command as one would type it
  local word line=''
  for word in "$@"; do
    case $word in
      *[!A-Za-z0-9_./:=@%+-]*) word="'$word'" ;;
    esac
    line+="${line:+ }$word"
  done
  printf '$ %s\n' "$line"
}
run_envoyage() {
  local cli
  cli_words "$@"
  shown "${cli[@]}"
  "${cli[@]}" </dev/null
}
upstream() { # A or B: the endpoint that Envoy reaches it by
  case $RUNTIME-$1 in
    docker-A) printf 'web-a:5678' ;;
    docker-B) printf 'web-b:5678' ;;
    native-A) printf 'web-a.localhost:%s' "$UPSTREAM_A_PORT" ;;
    native-B) printf 'web-b.localhost:%s' "$UPSTREAM_B_PORT" ;;
  esac
}
is_in_sync() { envoyage status --json 2>/dev/null | grep -Eq '"state": *"in-sync"'; }
has_service() { envoyage status --json | grep -Eq "\"host\": *\"${SERVICE//./\\.}\""; }
envoy_identity() { # changes when Envoy is another process
  local container pid
  if [ "$RUNTIME" = docker ]; then
    container=$(compose ps -q envoy)
    docker inspect -f 'container {{.Name}}, pid {{.State.Pid}}, since {{.State.StartedAt}}' "$container"
  else
    pid=$(node "$quickstart/ports.mjs" owner "$ENVOY_PORT") || fail "no process that listens on port $ENVOY_PORT can be seen"
    printf 'pid %s' "$pid"
  fi
}
