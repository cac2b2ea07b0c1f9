#!/bin/sh
# build.sh FOLDER PROGRAM: compiles the handler in FOLDER and this server into one static program, for this machine or
# for what TARGETOS, TARGETARCH and TARGETVARIANT say, as Docker's builders do.
set -eu
runtime=$(cd "$(dirname "$0")" && pwd)
folder=$(cd "$1" && pwd)
mkdir -p "$(dirname "$2")"
program=$(cd "$(dirname "$2")" && pwd)/$(basename "$2")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

of() { sed -n "s/^$1 *\([^ ]*\).*/\1/p" "$folder/go.mod"; }

cp "$runtime"/*.go "$runtime/go.mod" "$work"
printf 'package main\n\nimport function "%s"\n\nvar handle = function.Handle\n' "$(of module)" > "$work/handler.go"
# A workspace, so that the function's own go.mod and go.sum count as they are.
version=$(of go)
printf 'go %s\n\nuse (\n\t.\n\t%s\n)\n' "${version:-1.19}" "$folder" > "$work/go.work"
cd "$work"
export GOOS="${TARGETOS-}" GOARCH="${TARGETARCH-}"
variant=${TARGETVARIANT-}
[ "$GOARCH" != arm ] || export GOARM="${variant#v}"
CGO_ENABLED=0 go build -trimpath -ldflags='-s -w' -o "$program" .
