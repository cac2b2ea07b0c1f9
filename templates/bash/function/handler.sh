#!/usr/bin/env bash
# Answers every request: the body is the input, what is printed is the answer. More in README.md.
set -euo pipefail

name=$(cat)
echo "call ${HTTP_X_CALL_ID:-}: ${REQUEST_METHOD:-} ${PATH_INFO:-}" >&2
echo "Hello, ${name:-World}!"
