#!/bin/sh
# build.sh FOLDER CLASSES: compiles the handler in FOLDER, with the jars in its lib/, and this server.
set -eu
runtime=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$2"
javac -encoding UTF-8 -d "$2" -cp "$1/lib/*" "$runtime"/skep/*.java "$1"/*.java
