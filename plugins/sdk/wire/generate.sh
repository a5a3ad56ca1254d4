#!/bin/sh
# Writes share.pb.go and share_grpc.pb.go from share.proto. Needs protoc 3.21 or
# newer (Debian: protobuf-compiler); the Go generators come from the module proxy.
set -eu
cd "$(dirname "$0")"
command -v protoc >/dev/null || { echo "protoc is missing: apt-get install protobuf-compiler" >&2; exit 1; }
bin=$(mktemp -d)
trap 'rm -rf "$bin"' EXIT
GOBIN=$bin go install google.golang.org/protobuf/cmd/protoc-gen-go@v1.36.12
GOBIN=$bin go install google.golang.org/grpc/cmd/protoc-gen-go-grpc@v1.6.2
PATH=$bin:$PATH protoc --go_out=. --go_opt=paths=source_relative \
	--go-grpc_out=. --go-grpc_opt=paths=source_relative share.proto
# The compiler's version is no part of the contract: without it any protoc gives the same bytes.
sed -i.old -E '/^\/\/[[:space:]]*(- )?protoc  .*v[0-9.]+$/d' share.pb.go share_grpc.pb.go
rm -f share.pb.go.old share_grpc.pb.go.old
