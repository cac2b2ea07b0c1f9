#!/bin/sh
# test.sh FOLDER: compiles the handler in FOLDER with the tests in its test/, and runs HandlerTest.
set -eu
runtime=$(cd "$(dirname "$0")" && pwd)
classes=$(mktemp -d)
trap 'rm -rf "$classes"' EXIT
javac -encoding UTF-8 -d "$classes" -cp "$1/lib/*" "$runtime"/skep/*.java "$1"/*.java "$1"/test/*.java
java -cp "$classes:$1/lib/*" HandlerTest
