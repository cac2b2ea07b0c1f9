#!/bin/sh
# start.sh [FOLDER]: becomes the handler's server; the handler is compiled now if that was not done before.
set -eu
folder=${1:-${HANDLER_DIR:-function}}
classes=$folder/.skep/classes
temporary=
if [ ! -d "$classes" ]; then
  classes=$(mktemp -d)
  temporary=-Dskep.temporary=$classes
  sh "$(dirname "$0")/build.sh" "$folder" "$classes"
fi
# Quick to start and small at rest, which matters more here than the last bit of speed.
exec java -XX:+UseSerialGC -XX:TieredStopAtLevel=1 $temporary -cp "$classes:$folder/lib/*" skep.Main
