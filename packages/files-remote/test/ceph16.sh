#!/usr/bin/env bash
# The contract on an old dialect: Ceph 16, as Debian 12 has it, on a server of its own that is stopped afterwards.
# What `pnpm s3 up` needs, this needs, too; the first time it fetches the server.
set -euo pipefail
cd "$(dirname "$0")/../../.."
export S3_PORT=9116 S3_SUITE=bookworm
server() { MORTISE_CACHE="${MORTISE_CACHE:-$HOME/.cache/mortise}/ceph16" scripts/servers/s3-server.sh "$1"; }
trap 'server down' EXIT
server up
S3_ENDPOINT="http://127.0.0.1:$S3_PORT" pnpm vitest run --project files-remote s3-storage-provider
