#!/bin/sh
# start.sh [FOLDER]: compiles the handler and becomes its program. An image does not come here: it is compiled when it is built.
set -eu
program=$(mktemp)
export GOCACHE="${GOCACHE:-${HOME:-/tmp}/.cache/go-build}" GOPATH="${GOPATH:-${HOME:-/tmp}/go}"
sh "$(dirname "$0")/build.sh" "${1:-${HANDLER_DIR:-function}}" "$program"
exec "$program" --remove-itself
