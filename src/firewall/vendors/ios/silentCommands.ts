/** Commands of IOS and IOS XE, by their first word, that say nothing about which flows pass, or that the reader goes by. */
export const silentCommands: ReadonlySet<string> = new Set(
  `
  aaa alias aqm-register-fnf archive arp banner boot boot-end-marker boot-start-marker bridge building buffers call-home
  card cdp chassis-id class-map clock clns config-register configuration control-plane controller crypto cts current
  default-gateway device-tracking diagnostic dot11 dot1x dspfarm eem end enable enabled energywise epm errdisable event exception
  exit facility-alarm fabric fhrp file flow ftp-server gatekeeper hostname http hw-module ip ipv6 isis ivr key l2tp-class last
  ldap license line lldp logging login mac mac-address-table macro memory memory-size metadata mgcp mls module monitor
  mpls multilink nat nbar network-clock network-policy ntp no object parameter-map parser password pki platform policy-map
  policy-manager port-channel power prefix-list privilege process process-max-time profile qos queue-monitor radius radius-server redundancy
  resource rmon route-map route-tag router rtr scada scheduler sdm secret security service service-list service-template
  service-routing sip sip-ua site-manager snmp snmp-server spanning-tree ssh stackwise-virtual subscriber switch switch-service system tacacs
  tacacs-server telemetry template tftp-server time-range track transceiver tunnel udld uplink username utility version
  vlan voice voice-card voice-port vpdn vpdn-group vrf vstack vtp webvpn wsma xconnect zone
  `
    .trim()
    .split(/\s+/),
)
