#!/bin/sh
# generate.sh [FOLDER]: writes share.pb.go and share_grpc.pb.go from share.proto, here
# or into a folder. Needs protoc 3.21 or
# newer (Debian: protobuf-compiler); the Go generators come from the module proxy.
set -eu
cd "$(dirname "$0")"
out=${1:-.}
command -v protoc >/dev/null || { echo "protoc is missing: apt-get install protobuf-compiler" >&2; exit 1; }
bin=$(mktemp -d)
trap 'rm -rf "$bin"' EXIT
GOBIN=$bin go install google.golang.org/protobuf/cmd/protoc-gen-go@v1.36.12
GOBIN=$bin go install google.golang.org/grpc/cmd/protoc-gen-go-grpc@v1.6.2
PATH=$bin:$PATH protoc --go_out="$out" --go_opt=paths=source_relative \
	--go-grpc_out="$out" --go-grpc_opt=paths=source_relative share.proto
# The compiler's version is no part of the contract: without it any protoc gives the same bytes.
sed -i.old -E '/^\/\/[[:space:]]*(- )?protoc  .*v[0-9.]+$/d' "$out/share.pb.go" "$out/share_grpc.pb.go"
rm -f "$out/share.pb.go.old" "$out/share_grpc.pb.go.old"
