#!/bin/sh
# The tests of this function: ./test.sh
set -eu
cd "$(dirname "$0")"

check() { # check WHAT EXPECTED ACTUAL
  if [ "$2" = "$3" ]; then echo "ok: $1"; else echo "not ok: $1: \"$3\" instead of \"$2\""; exit 1; fi
}

check 'greets whom the body names' 'Hello, Maja!' "$(printf Maja | ./handler)"
check 'greets the world when nobody is named' 'Hello, World!' "$(./handler < /dev/null)"
