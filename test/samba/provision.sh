#!/bin/sh
# Makes a domain of the routed network and keeps it as an archive, with the settings of its controller. Run as root in a
# mount namespace of its own, one at a time (flock), for it mounts over /run:
#
#   provision.sh ARCHIVE PASSWORD REALM NETBIOS
#
# Does nothing where the archive is there already. Archives beside it are of an earlier Samba or script, and go.
set -eu
archive=$1
password=$2
realm=$3
netbios=$4
domain=$(echo "$realm" | tr '[:upper:]' '[:lower:]')
conf=/run/dc/smb.conf
here=$(dirname "$0")
[ ! -e "$archive" ] || exit 0

part="$archive.part"
trap 'rm -f "$part"' EXIT
mount -t tmpfs -o mode=755 postern-domain /run
mkdir -p /run/samba /run/dc/private /run/dc/lock
sed -e "s/@REALM@/$realm/" -e "s/@NETBIOS@/$netbios/" -e "s/@DOMAIN@/$domain/" "$here/smb.conf" >$conf
samba-tool domain provision --configfile=$conf \
  --realm="$realm" --domain="$netbios" --host-name=dc1 --host-ip=10.77.5.10 \
  --server-role=dc --dns-backend=SAMBA_INTERNAL --use-rfc2307 --adminpass="$password"
# An archive may grow old.
samba-tool domain passwordsettings set --configfile=$conf -H /run/dc/private/sam.ldb --max-pwd-age=0
rm -f "$(dirname "$archive")"/*.tar
tar cf "$part" -C /run dc
mv "$part" "$archive"
