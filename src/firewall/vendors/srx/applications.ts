import { one } from '../../numberRanges.ts'
import type { Match, NumberRange } from '../../ruleset.ts'
import type { Unknown } from '../../unknown.ts'
import { lookUp } from '../lookUp.ts'
import { resolvedOnce } from '../resolvedOnce.ts'
import type { Tree } from './tree.ts'

/** What an application asks of a packet: several alternatives, and what of it is not known. */
export interface Application {
  readonly matches: readonly Match[]
  readonly unknowns: readonly Unknown[]
}

const tcp = 6
const udp = 17

/** Applications that Junos brings with it (`show groups junos-defaults applications`), of those that site flows use or meet. */
const predefined: Readonly<Record<string, readonly (readonly [protocol: number, ports?: string])[]>> = {
  'junos-bgp': [[tcp, '179']],
  'junos-dhcp-client': [[udp, '68']],
  'junos-dhcp-server': [[udp, '67']],
  'junos-dns-tcp': [[tcp, '53']],
  'junos-dns-udp': [[udp, '53']],
  'junos-ftp': [[tcp, '21']],
  'junos-gre': [[47]],
  'junos-http': [[tcp, '80']],
  'junos-http-ext': [[tcp, '8000-8001']],
  'junos-https': [[tcp, '443']],
  'junos-ike': [[udp, '500']],
  'junos-ike-nat': [[udp, '4500']],
  'junos-imap': [[tcp, '143']],
  'junos-imaps': [[tcp, '993']],
  'junos-ldap': [[tcp, '389']],
  'junos-mail': [[tcp, '25']],
  'junos-ms-sql': [[tcp, '1433']],
  'junos-nbds': [[udp, '138']],
  'junos-nbname': [[udp, '137']],
  'junos-netbios-session': [[tcp, '139']],
  'junos-ntp': [[udp, '123']],
  'junos-ospf': [[89]],
  'junos-pop3': [[tcp, '110']],
  'junos-pptp': [[tcp, '1723']],
  'junos-radacct': [[udp, '1813']],
  'junos-radius': [[udp, '1812']],
  'junos-smb-session': [[tcp, '445']],
  'junos-smtp': [[tcp, '25']],
  'junos-smtps': [[tcp, '465']],
  'junos-ssh': [[tcp, '22']],
  'junos-syslog': [[udp, '514']],
  'junos-tacacs': [[tcp, '49']],
  'junos-tcp-any': [[tcp]],
  'junos-telnet': [[tcp, '23']],
  'junos-tftp': [[udp, '69']],
  'junos-udp-any': [[udp]],
  'junos-icmp-all': [[1]],
  'junos-icmp6-all': [[58]],
}

const protocols: Readonly<Record<string, number>> = {
  ...{
    ah: 51,
    egp: 8,
    esp: 50,
    gre: 47,
    icmp: 1,
    icmp6: 58,
    igmp: 2,
    ipip: 4,
    ospf: 89,
    pim: 103,
    rsvp: 46,
    sctp: 132,
    tcp,
    udp,
  },
}

const portNames: Readonly<Record<string, number>> = {
  ...{
    bgp: 179,
    domain: 53,
    ftp: 21,
    http: 80,
    https: 443,
    imap: 143,
    kerberos: 88,
    'kerberos-sec': 88,
    ldap: 389,
    login: 513,
  },
  ...{
    'netbios-dgm': 138,
    'netbios-ns': 137,
    'netbios-ssn': 139,
    ntp: 123,
    pop3: 110,
    printer: 515,
    radius: 1812,
    radacct: 1813,
  },
  ...{
    smtp: 25,
    snmp: 161,
    snmptrap: 162,
    ssh: 22,
    sunrpc: 111,
    syslog: 514,
    tacacs: 49,
    telnet: 23,
    tftp: 69,
    who: 513,
    xdmcp: 177,
  },
}

/** Alternatives of one set of applications; each becomes a rule. */
const mostMatches = 1000

/** An application or set of applications by its name. */
export type Applications = (name: string) => Application

/** @param tree of the whole configuration */
export function applicationsOf(tree: Tree): Applications {
  return resolvedOnce<Application>(
    (name, of) => {
      if (name === 'any') return { matches: [{}], unknowns: [] }
      const own = tree.at('applications', 'application', name)
      if (own !== undefined) return ownApplication(name, own)
      const set = tree.at('applications', 'application-set', name)
      if (set === undefined) return predefinedOf(name)
      const all = [...set.values('application'), ...set.values('application-set')].map(of)
      const matches = [...new Set(all.flatMap((one) => one.matches))]
      if (matches.length > mostMatches) {
        return open('other', `the application set ${name} of more than ${mostMatches} kinds, which are not written out`)
      }
      return { matches, unknowns: [...new Set(all.flatMap(({ unknowns }) => unknowns))] }
    },
    (name, why) => open('other', `the application set ${name}, ${why}`),
  )
}

function predefinedOf(name: string): Application {
  if (name === 'junos-ping' || name === 'junos-icmp-ping') {
    return { matches: [{ protocols: [one(1)], icmp: [{ type: one(8) }] }], unknowns: [] }
  }
  const rows = lookUp(predefined, name)
  if (rows !== undefined) {
    return { matches: rows.map(([protocol, ports]) => matchOf(protocol, rangesOf(ports ?? ''), [])), unknowns: [] }
  }
  return name.startsWith('junos-')
    ? open('application', `what the application ${name} of Junos is`)
    : open('reference', `the application ${name}, which is not in the file`)
}

function open(kind: Unknown['kind'], what: string): Application {
  return { matches: [{}], unknowns: [{ kind, what }] }
}

/** An application has its own terms, or is one term itself. */
function ownApplication(name: string, node: Tree): Application {
  const terms = node.below('term').map(([, term]) => term)
  const read = (terms.length === 0 ? [node] : terms).map((term) => termMatch(name, term))
  return {
    matches: read.flatMap((one) => ('match' in one ? [one.match] : [{}])),
    unknowns: read.flatMap((one) => ('unknown' in one ? [one.unknown] : [])),
  }
}

function termMatch(name: string, term: Tree): { readonly match: Match } | { readonly unknown: Unknown } {
  const word = term.value('protocol') ?? ''
  const protocol = /^\d{1,3}$/.test(word) ? Number(word) : lookUp(protocols, word)
  const [to, from] = [term.value('destination-port'), term.value('source-port')]
  const [ports, sourcePorts] = [rangesOf(to ?? ''), rangesOf(from ?? '')]
  const isUnread = protocol === undefined || protocol > 255 || ports === undefined || sourcePorts === undefined
  if (isUnread) return { unknown: { kind: 'unread', what: `the application ${name}, which is not understood` } }
  const icmp = term.value('icmp-type')
  if (icmp !== undefined) {
    const type = /^\d{1,3}$/.test(icmp) ? Number(icmp) : icmp === 'echo-request' ? 8 : undefined
    if (type === undefined) return { unknown: { kind: 'unread', what: `the ICMP type ${icmp} of ${name}` } }
    return { match: { protocols: [one(protocol)], icmp: [{ type: one(type) }] } }
  }
  return { match: matchOf(protocol, ports, sourcePorts) }
}

function matchOf(
  protocol: number,
  ports: readonly NumberRange[] | undefined,
  sourcePorts: readonly NumberRange[],
): Match {
  return {
    protocols: [one(protocol)],
    ...(ports !== undefined && ports.length > 0 && { destinationPorts: ports }),
    ...(sourcePorts.length > 0 && { sourcePorts }),
  }
}

/** A port, a name of one, or `first-last`; empty for no text, undefined for what is none. */
function rangesOf(text: string): readonly NumberRange[] | undefined {
  if (text === '') return []
  const [first, last = first] = text
    .split(/(?<=\d)-(?=\d)/)
    .map((part) => (/^\d{1,5}$/.test(part) ? Number(part) : lookUp(portNames, part)))
  return first === undefined || last === undefined || last > 65535 || last < first ? undefined : [{ first, last }]
}
