#!/bin/sh
# start.sh [FOLDER]: becomes the handler's program, which is compiled now if that was not done before.
set -eu
folder=${1:-${HANDLER_DIR:-function}}
[ -x "$folder/.skep/handler" ] && exec "$folder/.skep/handler"
program=$(mktemp)
export GOCACHE="${GOCACHE:-${HOME:-/tmp}/.cache/go-build}" GOPATH="${GOPATH:-${HOME:-/tmp}/go}"
sh "$(dirname "$0")/build.sh" "$folder" "$program"
exec "$program" --remove-itself
