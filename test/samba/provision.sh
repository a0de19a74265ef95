#!/bin/sh
# Makes the domain of the routed network and keeps it as an archive. Run as root in a mount namespace of its own, one at a
# time (flock), for it mounts over /run:
#
#   provision.sh ARCHIVE PASSWORD
#
# Does nothing where the archive is there already. Archives beside it are of an earlier Samba or script, and go.
set -eu
archive=$1
password=$2
here=$(dirname "$0")
[ ! -e "$archive" ] || exit 0

part="$archive.part"
trap 'rm -f "$part"' EXIT
mount -t tmpfs -o mode=755 postern-domain /run
mkdir -p /run/samba /run/dc/private /run/dc/lock
samba-tool domain provision --configfile="$here/smb.conf" \
  --realm=CORP.EXAMPLE --domain=CORP --host-name=dc1 --host-ip=10.77.5.10 \
  --server-role=dc --dns-backend=SAMBA_INTERNAL --use-rfc2307 --adminpass="$password"
# An archive may grow old.
samba-tool domain passwordsettings set --configfile="$here/smb.conf" -H /run/dc/private/sam.ldb --max-pwd-age=0
rm -f "$(dirname "$archive")"/*.tar
tar cf "$part" -C /run dc
mv "$part" "$archive"
