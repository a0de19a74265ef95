/**
 * Commands of ASA, by their first word, that say nothing about which flows pass through: management, logging, VPN of its
 * own, failover. `access-group` and what else the reader goes by is counted here as well.
 */
export const silentCommands: ReadonlySet<string> = new Set(
  `
  aaa aaa-server access-group anyconnect asa anyconnect-custom-attr anyconnect-custom-data app-agent application arp asdm asp
  auth-prompt auto-update banner bfd boot call-home cdp certificate checksum class class-map client-update clock cluster
  command-alias compression config-register configuration console context coredump crashinfo crypto cryptochecksum
  ctl-file ctl-provider cts cxsc dap ddns debug default default-group-policy default-information
  destination dhcp dhcp-client dhcpd dhcprelay dns dns-group dns-guard domain-name dynamic-access-policy-record
  dynamic-filter eject email enable encryption end enrollment exit failover filter-list fips firewall fixup flow-export
  flow-offload fragment ftp ftp-map gdb gtp-map group-policy group-object h225-map hostname hpm http http-proxy
  https-proxy icmp ids imap4s intrusion-policy ip ipsec ipv6 ipv6-address-pool ipv6-prefix-list isakmp jumbo-frame key
  keypair keyring l2tp ldap license lisp logging log mac-address mac-address-table mac-learn management management-access
  map match media-termination memory mfib-forwarding mgcp-map mobile-device-manager monitor-interface mount mroute
  mtu multicast multicast-routing nameif names nac-policy nbns-server netmod no nop ntp num-packets nve object-group-search
  ospf pager parameters passwd password password-policy password-storage phone-proxy pim pki policy policy-list policy-map
  pop3s pppoe prefix-list privilege prompt quit quota radius regex remote-access reval-period route-map router
  same-security-traffic scansafe scep-enrollment secure-unit-authentication serial-number service service-policy
  session shun sip-map sla smtps smtp-server snmp snmp-map snmp-server software-authenticity ssh ssl sso-server
  subject-name sw-module sysopt system tcp-map tcp-options telnet terminal tftp-server threat-detection time-range
  timeout tls-proxy track traffic-forward tunnel-group tunnel-group-map umbrella-global url-block url-cache url-list url-server
  user user-alert user-identity user-statistics username uc-ime uauth version virtual vlan vpdn vpn vpn-addr-assign
  vpn-load-balancing vpn-sessiondb vpnclient vpnsetup wccp webvpn webtype write xlate zone zonelabs-integrity
  `
    .trim()
    .split(/\s+/),
)
