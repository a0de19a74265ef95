import type { AddressRange } from '../src/firewall/addresses.ts'
import type { Permit, PermitEnd } from '../src/firewall/permit.ts'
import { rangesOfPrefix } from '../src/firewall/rangesOfPrefix.ts'
import type { NumberRange } from '../src/firewall/ruleset.ts'
import type { WriteOptions } from '../src/firewall/writer.ts'

const ranges = (...prefixes: readonly string[]): readonly AddressRange[] => prefixes.flatMap(rangesOfPrefix)
const ports = (...numbers: readonly number[]): readonly NumberRange[] =>
  numbers.map((port) => ({ first: port, last: port }))

const sync01: PermitEnd = { label: 'sync01', ranges: ranges('10.1.0.10', '2001:db8:1::10') }
const pta01: PermitEnd = { label: 'pta01', ranges: ranges('10.1.0.12') }
const wap01: PermitEnd = { label: 'wap01', ranges: ranges('192.168.50.11') }
const adfs: PermitEnd = { label: 'adfs', ranges: ranges('10.1.0.21', '10.1.0.22') }
const login: PermitEnd = {
  label: 'login.microsoftonline.com',
  name: 'login.microsoftonline.com',
  ranges: ranges('20.190.128.0/18', '40.126.0.0/18', '2603:1006:2000::/48'),
  tag: 'AzureActiveDirectory',
  asOf: '2025-11-06',
  source: 'Azure IP Ranges and Service Tags, public cloud, change number 375',
}
const serviceBus: PermitEnd = {
  label: '*.servicebus.windows.net',
  name: '*.servicebus.windows.net',
  ranges: ranges('4.149.20.0/24', '13.66.138.80/29'),
  tag: 'ServiceBus',
  asOf: '2025-11-06',
  source: 'Azure IP Ranges and Service Tags, public cloud, change number 375',
}

const usual = { transport: 'tcp', request: 'connect', necessity: 'required' } as const

/** Openings of a made-up site: names with and without addresses, lists with a date, both families, several ports. */
export const samplePermits: readonly Permit[] = [
  {
    ...usual,
    id: 'sync01-to-login-microsoftonline-com-tcp-443',
    flows: ['aadc-login', 'aadc-graph'],
    why: 'Entra Connect signs in and sends what it has collected',
    from: sync01,
    to: login,
    ports: ports(443),
  },
  {
    ...usual,
    id: 'pta01-to-any-servicebus-windows-net-tcp-443',
    flows: ['pta-service-bus'],
    why: 'the agent holds the queue of sign-in requests',
    from: pta01,
    to: serviceBus,
    ports: ports(443, 5671),
  },
  {
    ...usual,
    id: 'pta01-to-any-msappproxy-net-tcp-443',
    flows: ['pta-registration'],
    why: 'registers the agent',
    from: pta01,
    to: { label: '*.msappproxy.net', name: '*.msappproxy.net', ranges: [] },
    ports: ports(443),
  },
  {
    ...usual,
    id: 'pta01-to-crl-microsoft-com-tcp-80',
    flows: ['pta-crl'],
    why: 'certificate revocation lists',
    from: pta01,
    to: { label: 'crl.microsoft.com', name: 'crl.microsoft.com', ranges: [] },
    ports: ports(80),
    request: 'plain',
    necessity: 'recommended',
  },
  {
    ...usual,
    id: 'sync01-to-dc01-tcp-88',
    flows: ['dc-kerberos', 'dc-ldap', 'dc-rpc'],
    why: 'reads the directory',
    from: sync01,
    to: { label: 'dc01', name: 'dc01.corp.example', ranges: ranges('10.1.0.5', '2001:db8:1::5') },
    ports: [...ports(88, 389), { first: 49152, last: 65535 }],
  },
  {
    ...usual,
    id: 'sync01-to-dc01-udp-88',
    flows: ['dc-kerberos-udp'],
    why: 'asks for tickets',
    from: sync01,
    to: { label: 'dc01', ranges: ranges('10.1.0.5', '2001:db8:1::5') },
    transport: 'udp',
    ports: ports(88, 123),
  },
  {
    ...usual,
    id: 'sync01-to-dc01-icmp',
    flows: ['dc-ping'],
    why: 'answers whether it is there',
    from: sync01,
    to: { label: 'dc01', ranges: ranges('10.1.0.5', '2001:db8:1::5') },
    transport: 'icmp',
    ports: [],
    necessity: 'conditional',
  },
  {
    ...usual,
    id: 'wap01-to-adfs-tcp-443',
    flows: ['wap-adfs', 'wap-trust'],
    why: 'hands on sign-ins, and sets up the trust',
    from: wap01,
    to: adfs,
    ports: ports(443),
    phase: 'setup',
  },
  {
    ...usual,
    id: 'clients-to-adfs-tcp-49443',
    flows: ['adfs-certificate'],
    why: 'signs in by certificate',
    from: { label: 'clients', ranges: [{ family: 4, first: 0x0a020010n, last: 0x0a02ff00n }] },
    to: { label: 'adfs', ranges: ranges('10.1.0.21') },
    ports: ports(49443),
  },
]

/** What has to stay closed. */
export const sampleDenials: readonly Permit[] = [
  {
    ...usual,
    id: 'deny-pta01-to-dc02-tcp-3389',
    flows: ['no-remote-desktop'],
    why: 'servers of this tier are not administered from there',
    from: pta01,
    to: { label: 'dc02', ranges: ranges('10.1.0.6') },
    ports: ports(3389),
    necessity: 'not-required',
  },
  {
    ...usual,
    id: 'deny-clients-to-sync01-tcp',
    flows: ['no-clients'],
    why: 'clients have no business there',
    from: { label: 'clients', ranges: ranges('10.2.0.0/16') },
    to: { label: 'sync01', ranges: ranges('10.1.0.10') },
    ports: [{ first: 1, last: 65535 }],
    necessity: 'not-required',
  },
]

export const sampleOptions: WriteOptions = { site: 'hq', passage: 'forward', places: {}, on: '2026-11-22' }

/** Texts that end a comment, a string, a line or a command somewhere, or that an editor or terminal obeys. */
export const hostileTexts: readonly string[] = [
  '"; } accept; # "quoted" \'single\' `back`',
  'line one\nhttp_access allow all\r\naccess-list x extended permit ip any any\r!\nend',
  '! # ? \u0003 ^C % $1 \u0024{x} $(reboot) %n | & ; \\ \\" \\n',
  ']]> --> <!-- </descr></rule><rule><type>pass</type></rule> &lt; &#10; &quot; &evil;',
  '*/ } function FindProxyForURL() { return "DIRECT" } // \u2028 return "DIRECT" \u2029',
  'Zürich 東京 \u202Eteser\u202C \u{1F512} \uD800 \uFEFF\u0000\u0007\u007F\u0085 end',
  `${'long '.repeat(600)}`,
  '',
]

/** The samples with a hostile text wherever a person writes one. */
export function poisonedPermits(permits: readonly Permit[], text: string): readonly Permit[] {
  const end = (one: PermitEnd): PermitEnd => ({
    ...one,
    label: text,
    ...(one.source !== undefined && { source: text }),
  })
  return permits.map((permit) => ({
    ...permit,
    why: text,
    flows: [text, ...permit.flows],
    from: end(permit.from),
    to: end(permit.to),
  }))
}
