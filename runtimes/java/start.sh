#!/bin/sh
# start.sh [FOLDER]: compiles the handler and becomes its server. An image does not come here: it is compiled when it is built.
set -eu
folder=${1:-${HANDLER_DIR:-function}}
classes=$(mktemp -d)
sh "$(dirname "$0")/build.sh" "$folder" "$classes"
# Quick to start and small at rest, which matters more here than the last bit of speed.
exec java -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xshare:auto -Dskep.temporary="$classes" -cp "$classes:$folder/lib/*" skep.Main
