#!/bin/sh
iptables -P FORWARD DROP
/sbin/iptables -A FORWARD -m state --state ESTABLISHED -j ACCEPT
iptables -t filter -A FORWARD -p tcp \
	--dport=443 -j ACCEPT
iptables -I FORWARD 1 -i lan0 -s ! 10.0.0.0/8 -j DROP
ip6tables -P FORWARD DROP
