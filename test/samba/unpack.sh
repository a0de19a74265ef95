#!/bin/sh
# Lays the domain where its smb.conf looks for it. Run as root in a mount namespace of its own:
#
#   unpack.sh ARCHIVE CERTIFICATES
#
# CERTIFICATES is a folder with ca.pem, dc.pem and dc.key. Nothing of this is seen outside, and all of it goes with the
# last process of the namespace.
set -eu
# Opened before anything is mounted: they may stand where it will be.
exec 3<"$1" 4<"$2/ca.pem" 5<"$2/dc.pem" 6<"$2/dc.key"
mount -t tmpfs -o mode=755 postern-state /run
mount -t tmpfs -o mode=755 postern-log /var/log
mkdir -p /run/samba /run/dc/tls /var/log/samba
tar xf - -C /run <&3
cat <&4 >/run/dc/tls/ca.pem
cat <&5 >/run/dc/tls/dc.pem
# Samba takes no key that others may read.
umask 077
cat <&6 >/run/dc/tls/dc.key
umask 022
# What asks the system's resolver asks this controller.
echo 'nameserver 10.77.5.10' >/run/resolv.conf
mount --bind /run/resolv.conf /etc/resolv.conf
