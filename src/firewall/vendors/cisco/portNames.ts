/**
 * Ports by the names that ASA and IOS give them. Some are not those of IANA, which is why they are listed: `kerberos`
 * is 750 and not 88, `radius` 1645 and not 1812.
 */
const names: Readonly<Record<string, number>> = {
  ...{ aol: 5190, bgp: 179, biff: 512, bootpc: 68, bootps: 67, chargen: 19, cifs: 3020, 'citrix-ica': 1494, cmd: 514 },
  ...{ ctiqbe: 2748, daytime: 13, discard: 9, dnsix: 195, domain: 53, drip: 3949, echo: 7, exec: 512, finger: 79 },
  ...{ ftp: 21, 'ftp-data': 20, gopher: 70, h323: 1720, hostname: 101, http: 80, https: 443, ident: 113, imap4: 143 },
  ...{
    irc: 194,
    isakmp: 500,
    kerberos: 750,
    klogin: 543,
    kshell: 544,
    ldap: 389,
    ldaps: 636,
    login: 513,
    lotusnotes: 1352,
  },
  ...{
    lpd: 515,
    'mobile-ip': 434,
    msrpc: 135,
    nameserver: 42,
    'netbios-dgm': 138,
    'netbios-ns': 137,
    'netbios-ss': 139,
  },
  ...{
    'netbios-ssn': 139,
    nfs: 2049,
    nntp: 119,
    'non500-isakmp': 4500,
    ntp: 123,
    'onep-plain': 15001,
    'onep-tls': 15002,
  },
  ...{ 'pcanywhere-data': 5631, 'pcanywhere-status': 5632, 'pim-auto-rp': 496, pop2: 109, pop3: 110, pptp: 1723 },
  ...{ radius: 1645, 'radius-acct': 1646, rip: 520, rsh: 514, rtsp: 554, 'secureid-udp': 5510, sip: 5060, smtp: 25 },
  ...{ snmp: 161, snmptrap: 162, sqlnet: 1521, ssh: 22, sunrpc: 111, syslog: 514, tacacs: 49, talk: 517, telnet: 23 },
  ...{ tftp: 69, time: 37, uucp: 540, vxlan: 4789, who: 513, whois: 43, www: 80, xdmcp: 177 },
}

/** @returns undefined for a word that is neither a port nor a name of one */
export function portOf(word: string | undefined): number | undefined {
  if (word === undefined) return undefined
  if (/^\d{1,5}$/.test(word)) return Number(word) <= 65535 ? Number(word) : undefined
  const lower = word.toLowerCase()
  return Object.hasOwn(names, lower) ? names[lower] : undefined
}

/** IANA numbers of protocols by the words of access lists. */
const protocols: Readonly<Record<string, number>> = {
  ...{
    ah: 51,
    ahp: 51,
    eigrp: 88,
    esp: 50,
    gre: 47,
    icmp: 1,
    icmp6: 58,
    igmp: 2,
    igrp: 9,
    ipinip: 4,
    ipsec: 50,
    nos: 94,
  },
  ...{ ospf: 89, pcp: 108, pim: 103, pptp: 47, sctp: 132, snp: 109, tcp: 6, udp: 17 },
}

/** @returns undefined for a word that is no protocol; 256 stands for all of them (`ip`, `ipv6`) */
export function protocolOf(word: string | undefined): number | undefined {
  if (word === undefined) return undefined
  const lower = word.toLowerCase()
  if (lower === 'ip' || lower === 'ipv6' || lower === 'ip4' || lower === 'ip6') return everyProtocol
  if (/^\d{1,3}$/.test(lower)) return Number(lower) <= 255 ? Number(lower) : undefined
  return Object.hasOwn(protocols, lower) ? protocols[lower] : undefined
}

export const everyProtocol = 256

/** ICMP types by their words in access lists, with the code where the word is one of a code; IANA numbers. */
const icmpTypes: Readonly<Record<string, readonly [type: number, code?: number]>> = {
  'alternate-address': [6],
  'administratively-prohibited': [3, 13],
  'conversion-error': [31],
  echo: [8],
  'echo-reply': [0],
  'fragmentation-needed': [3, 4],
  'host-unreachable': [3, 1],
  'information-reply': [16],
  'information-request': [15],
  'mask-reply': [18],
  'mask-request': [17],
  'mobile-redirect': [32],
  'net-unreachable': [3, 0],
  'packet-too-big': [3, 4],
  'parameter-problem': [12],
  'port-unreachable': [3, 3],
  redirect: [5],
  'router-advertisement': [9],
  'router-solicitation': [10],
  'source-quench': [4],
  'time-exceeded': [11],
  'timestamp-reply': [14],
  'timestamp-request': [13],
  traceroute: [30],
  'ttl-exceeded': [11, 0],
  unreachable: [3],
}

/** @returns undefined for a word that is no type */
export function icmpTypeOf(word: string): readonly [type: number, code?: number] | undefined {
  if (/^\d{1,3}$/.test(word)) return Number(word) <= 255 ? [Number(word)] : undefined
  const lower = word.toLowerCase()
  return Object.hasOwn(icmpTypes, lower) ? icmpTypes[lower] : undefined
}
