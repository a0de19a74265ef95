#!/usr/bin/env bash
# Installs the Debian programs that the tests run against: real servers and a real browser. Needs root.
#
#   sudo bash scripts/install-debian.sh
#   sudo bash scripts/install-debian.sh --bench    the peers as well that benches measure beside Postern
#
# The lists stand in test/needs.json and bench/needs.json, where each program says which package brings it, or which
# packages.
set -euo pipefail
cd "$(dirname "$0")/.."

lists=(test/needs.json)
case "${1:-}" in
'') ;;
--bench) lists+=(bench/needs.json) ;;
*)
  echo "unknown word $1; there is --bench" >&2
  exit 2
  ;;
esac

mapfile -t packages < <(sed -n 's/.*"package": *"\([^"]*\)".*/\1/p' "${lists[@]}" | tr ' ' '\n' | sort -u)
missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
done
if [ "${#missing[@]}" -eq 0 ]; then
  echo "all ${#packages[@]} packages are installed"
  exit 0
fi
if [ "$(id -u)" -ne 0 ]; then
  echo "needs root to install: ${missing[*]}" >&2
  exit 1
fi
export DEBIAN_FRONTEND=noninteractive
# Servers that come up on installation would hold ports of the machine: the tests start their own.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"
  trap 'rm -f "$policy"' EXIT
fi
apt-get update -qq
apt-get install -y -qq --no-install-recommends "${missing[@]}"
