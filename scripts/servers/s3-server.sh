#!/usr/bin/env bash
# A real S3 server (Ceph RADOS Gateway) on loopback, for the tests.
#
#   s3-server.sh up      fetch it the first time (about a minute), start it, print its endpoint
#   s3-server.sh down    stop it; its data stay
#   s3-server.sh wipe    stop it and delete its data; the fetched programs stay
#
# Needs root and Debian or a relative with apt. Everything lives in a chroot of its own below the cache
# folder ($MORTISE_CACHE, default ~/.cache/mortise), so nothing on the machine changes besides two helper
# packages that build the chroot. $S3_PORT chooses the port (default 9105). Tests find the server by the
# file `endpoint` that `up` writes; S3_ENDPOINT names another server instead.
set -euo pipefail

command=${1:-}
port=${S3_PORT:-9105}
state=${MORTISE_CACHE:-${HOME:-/tmp}/.cache/mortise}/s3
root=$state/root       # the chroot with Ceph's programs
data=/srv/gateway      # inside the chroot: configuration, disks, logs
config="$data/ceph.conf"

inside() { chroot "$root" "$@"; }

ceph() { inside ceph --conf "$config" --connect-timeout 20 "$@"; }

listening() { (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; }

fetch() {
  [ -x "$root/usr/bin/radosgw" ] && return
  command -v mmdebstrap >/dev/null || {
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends mmdebstrap debian-archive-keyring >/dev/null
  }
  rm -rf "$root"
  mkdir -p "$state"
  # sid carries the first release whose conditional writes behave like AWS's
  mmdebstrap --quiet --mode=root --variant=minbase --skip=check/qemu \
    --aptopt='APT::Install-Recommends "false"' --aptopt='Acquire::Check-Valid-Until "false"' \
    --include=radosgw,ceph-mon,ceph-osd,ceph-common "${S3_SUITE:-sid}" "$root"
}

write_config() { # $1: the cluster's id
  local monitor=$((port + 20))
  cat >"$root$config" <<CONF
[global]
fsid = $1
mon host = [v2:127.0.0.1:$monitor,v1:127.0.0.1:$((monitor + 1))]
mon initial members = a
public addr = 127.0.0.1
cluster addr = 127.0.0.1
keyring = $data/keyring
run dir = $data/run
pid file = $data/run/\$name.pid
admin socket = $data/run/\$name.asok
log file = $data/log/\$name.log
# one disk, one copy, and no complaint about either
auth allow insecure global id reclaim = false
mon allow pool size one = true
mon data avail crit = 1
mon max pg per osd = 2000
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 4
osd pool default pgp num = 4
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
osd objectstore = bluestore
osd data = $data/osd
osd memory target = 939524096
bluestore block size = 64424509440
[mon.a]
mon data = $data/mon
[client.gateway]
# without tcp_nodelay every small read waits 40 ms
rgw frontends = beast endpoint=127.0.0.1:$port tcp_nodelay=1
rgw dns name = s3.localhost
rgw thread pool size = 64
rgw run sync thread = false
# what is deleted gives its room back within minutes, not hours: a day of benches would fill the disk
rgw gc obj min wait = 120
rgw gc processor period = 120
rgw gc processor max time = 120
CONF
}

make_keys() {
  local authtool=(inside ceph-authtool "$data/keyring")
  "${authtool[@]}" --create-keyring --gen-key --name mon. --cap mon 'allow *'
  "${authtool[@]}" --gen-key --name client.admin --cap mon 'allow *' --cap osd 'allow *' --cap mgr 'allow *'
  "${authtool[@]}" --gen-key --name client.gateway --cap mon 'allow rwx' --cap osd 'allow rwx'
}

format() { # an empty cluster of one monitor and one disk
  local cluster disk number monitor=$((port + 20))
  cluster=$(cat /proc/sys/kernel/random/uuid)
  disk=$(cat /proc/sys/kernel/random/uuid)
  rm -rf "${root:?}$data"
  mkdir -p "$root$data"/{mon,osd,run,log}
  write_config "$cluster"
  make_keys
  inside monmaptool --create --clobber --fsid "$cluster" \
    --addv a "[v2:127.0.0.1:$monitor,v1:127.0.0.1:$((monitor + 1))]" "$data/monmap"
  inside ceph-mon --conf "$config" --id a --mkfs --monmap "$data/monmap" --keyring "$data/keyring"
  inside ceph-mon --conf "$config" --id a
  number=$(ceph osd new "$disk")
  ceph auth get-or-create "osd.$number" mon 'allow profile osd' osd 'allow *' -o "$data/keyring.osd"
  inside ceph-authtool "$data/keyring" --import-keyring "$data/keyring.osd"
  inside ceph-osd --conf "$config" --id "$number" --mkfs --osd-uuid "$disk"
}

start() {
  inside ceph-osd --conf "$config" --id 0
  inside radosgw --conf "$config" --name client.gateway
  for _ in $(seq 240); do listening && return; sleep 0.25; done
  echo "The S3 server does not listen on port $port; see $root$data/log" >&2
  exit 1
}

serve() {
  [ "$(id -u)" = 0 ] || { echo 'The S3 server needs root; set S3_ENDPOINT to use another.' >&2; exit 1; }
  fetch
  mountpoint -q "$root/proc" || mount -t proc proc "$root/proc"
  stop
  if [ -f "$root$data/formatted" ]; then
    inside ceph-mon --conf "$config" --id a
    start
  else
    format
    start
    inside radosgw-admin --conf "$config" user create --uid test --display-name test \
      --access-key test --secret testtest
    touch "$root$data/formatted"
  fi
}

up() {
  mkdir -p "$state"
  if ! listening; then # in a process of its own, so that its first failing line ends it
    "$0" serve >"$state/log" 2>&1 </dev/null || { tail -n 20 "$state/log" >&2; exit 1; }
  fi
  printf 'http://127.0.0.1:%s' "$port" >"$state/endpoint"
  echo "S3 endpoint http://127.0.0.1:$port  access key test  secret testtest  region us-east-1  path-style"
}

stop() {
  local file pid
  for file in "$root$data"/run/*.pid; do
    [ -f "$file" ] || continue
    pid=$(cat "$file")
    # a file left by an earlier boot may name a process that is not ours
    case $(cat "/proc/$pid/comm" 2>/dev/null) in
      ceph-* | radosgw*) kill -9 "$pid" 2>/dev/null || true ;;
    esac
    rm -f "$file"
  done
}

down() {
  stop
  umount "$root/proc" 2>/dev/null || true
  rm -f "$state/endpoint"
}

case $command in
  up) up ;;
  serve) serve ;; # what `up` runs
  down) down ;;
  wipe) down && rm -rf "${root:?}$data" ;;
  *) sed -n '2,12s/^# \{0,1\}//p' "$0"; [ "$command" = --help ] || exit 2 ;;
esac
