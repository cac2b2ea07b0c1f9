#!/usr/bin/env bash
# Answers every request: the body is the input, what is printed is the answer. More in README.md.
set -Eeuo pipefail
trap 'echo "line $LINENO: $BASH_COMMAND: status $?" >&2' ERR # the last line of an error is what the caller is told

name=$(cat)
echo "call ${HTTP_X_CALL_ID:-}: ${REQUEST_METHOD:-} ${PATH_INFO:-}" >&2
echo "Hello, ${name:-World}!"
