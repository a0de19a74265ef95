import type { CauseCode, Confidence, Owner } from '../../src/model/cause.ts'
import type { VerdictKind } from '../../src/model/verdict.ts'
import type { OutsideFlowId } from './outsideSite.ts'
import {
  cloudNames,
  filtered,
  outside,
  outsideFlowIds,
  outsidePorts,
  outsideSiteBy,
  registration,
} from './outsideSite.ts'
import { app, client, console, portal, ports } from './places.ts'
import type { Expected, Row } from './row.ts'

type OutsideRow = Row<OutsideFlowId>

const login = cloudNames[0]
const shakeCloud = (name: string): string => `shake:${outside.cloud}:${ports.https}:${name}`
const issuerOf = (name: string): string => `issuer:${outside.cloud}:${ports.https}:${name}`
const inside = (name: string): string => `name:${outside.resolver}:A:${name}`
const beyond = (name: string): string => `name:${outside.control}:A:${name}`
const tunnelBy = (port: number, name: string, to: number): string => `tunnel:${outside.proxy}:${port}:${name}:${to}`

export const healthyOutside: OutsideRow = {
  id: 'outside-in-order',
  breaks: 'Nothing: resolvers, a cloud and a partner are where they belong.',
  tasks: [inside(login), shakeCloud(login), tunnelBy(outsidePorts.proxy, portal.name, ports.alternate)],
  shows: `${outside.cloud}, handshake, 200`,
  asks: outsideFlowIds,
}

const some = (
  flows: readonly OutsideFlowId[],
  verdict: VerdictKind,
  cause: CauseCode,
  confidence: Confidence,
  owner: Owner,
): Expected<OutsideFlowId> => ({ flows, which: 'some', verdict, cause, confidence, owner })

type Does = NonNullable<OutsideRow['does']>[number]
type Command = Does['set']

const tellTo = (resolver: string, ...words: readonly string[]): Command => [
  'unbound-control',
  ...['-q', '-c', `$FOLDER/unbound-${resolver}.conf`, ...words],
]

/** A resolver keeps to itself what it has of the name that filters are tried with. */
const withheld = (resolver: string, how: string): Does => ({
  on: 'cloud',
  set: tellTo(resolver, 'local_zone', filtered, how),
  clear: tellTo(resolver, 'local_zone', filtered, 'redirect'),
})

/** The resolver of the site gives another address than the usual one. */
const instead = (name: string, usual: string, address: string): readonly Does[] => {
  const gives = (what: string): Command => tellTo(outside.resolver, 'local_data', `${name} 1 A ${what}`)
  const forgets = tellTo(outside.resolver, 'local_data_remove', name)
  return [
    { on: 'cloud', set: forgets, clear: gives(usual) },
    { on: 'cloud', set: gives(address), clear: forgets },
  ]
}

const names: readonly OutsideRow[] = [
  {
    id: 'resolver-filters',
    breaks: 'The resolver of the site denies one name by a list; the rest of the world has it.',
    does: [withheld(outside.resolver, 'always_nxdomain')],
    tasks: [inside(filtered), beyond(filtered)],
    shows: `NXDOMAIN, ${outside.apart}`,
    asks: ['pnc-https', 'partner'],
    expect: some(['pnc-https'], 'blocked', 'resolver-filters', 'likely', 'dns'),
  },
  {
    id: 'resolver-refuses',
    breaks: 'The resolver of the site refuses one name by its policy; the rest of the world has it.',
    does: [withheld(outside.resolver, 'always_refuse')],
    tasks: [inside(filtered), beyond(filtered)],
    shows: `REFUSED, ${outside.apart}`,
    asks: ['pnc-https', 'partner'],
    expect: some(['pnc-https'], 'blocked', 'resolver-filters', 'likely', 'dns'),
  },
  {
    id: 'resolver-blanks',
    breaks: 'The resolver of the site answers 0.0.0.0 for one name; the rest of the world has it.',
    does: instead(filtered, outside.apart, '0.0.0.0'),
    tasks: [inside(filtered), beyond(filtered)],
    shows: `0.0.0.0, ${outside.apart}`,
    asks: ['pnc-https', 'partner'],
    expect: some(['pnc-https'], 'blocked', 'resolver-filters', 'likely', 'dns'),
  },
  {
    id: 'name-gone',
    breaks: 'Nobody knows one of the names any more.',
    does: [outside.resolver, outside.control].map((one) => withheld(one, 'always_nxdomain')),
    tasks: [inside(filtered), beyond(filtered)],
    shows: 'NXDOMAIN, NXDOMAIN',
    asks: ['pnc-https', 'partner'],
    expect: some(['pnc-https'], 'blocked', 'name-missing', 'certain', 'dns'),
  },
  {
    id: 'split-brain',
    breaks: 'A forgotten record of the site leads one name of the cloud to a console of the company.',
    does: instead(registration, outside.cloud, outside.hotspot),
    tasks: [inside(registration), beyond(registration), `issuer:${outside.hotspot}:${ports.https}:${registration}`],
    shows: `${outside.hotspot}, ${outside.cloud}, ${console.name} by ${console.name}`,
    asks: ['pnc-https', 'partner'],
    expect: some(['pnc-https'], 'wrong', 'split-brain-override', 'certain', 'dns'),
  },
  {
    id: 'resolver-dead',
    breaks: 'The firewall drops whatever is asked of the resolver of the site.',
    forward: `ip daddr ${outside.resolver} drop`,
    tasks: [inside(login), beyond(login)],
    shows: `silence, ${outside.cloud}`,
    asks: ['partner', 'partner-web'],
    expect: some(['partner', 'partner-web'], 'blocked', 'resolver-unreachable', 'likely', 'dns'),
  },
  {
    id: 'first-resolver-dead',
    breaks: 'Of the two resolvers of the site the first one is dead: every name waits for it.',
    site: outsideSiteBy({ resolvers: ['10.77.50.56', outside.resolver] }),
    tasks: [`name:10.77.50.56:A:${login}`, inside(login)],
    shows: `silence, ${outside.cloud}`,
    asks: ['partner', 'partner-web'],
    expect: some(['partner', 'partner-web'], 'degraded', 'resolver-slow', 'likely', 'dns'),
  },
  {
    id: 'one-address-dead',
    breaks: 'The partner has two addresses, and the firewall drops what is for the one that comes first.',
    forward: `ip daddr ${outside.second} drop`,
    does: [
      {
        on: 'cloud',
        set: tellTo(outside.resolver, 'local_data', `${portal.name} 60 A ${outside.second}`),
        clear: tellTo(outside.resolver, 'local_data', `${portal.name} 60 A ${portal.address}`),
      },
      { on: 'cloud', set: ['true'], clear: tellTo(outside.resolver, 'local_data_remove', portal.name) },
    ],
    tasks: [
      inside(portal.name),
      `knock:${outside.second}:${ports.alternate}`,
      `knock:${portal.address}:${ports.alternate}`,
    ],
    shows: `${portal.address} ${outside.second}, silence, connected`,
    asks: ['partner', 'app'],
    expect: some(['partner'], 'degraded', 'one-bad-node', 'likely', 'network'),
  },
]

const out = ['pnc-https', 'partner', 'partner-web'] as const

const proxies: readonly OutsideRow[] = [
  {
    id: 'proxy-auth',
    breaks: 'The proxy wants to know who asks, and services send no credentials.',
    site: outsideSiteBy({ proxy: outsidePorts.asks }),
    tasks: [tunnelBy(outsidePorts.asks, login, ports.https)],
    shows: '407',
    asks: out,
    expect: some(out, 'blocked', 'proxy-auth', 'certain', 'proxy'),
  },
  {
    id: 'proxy-name-denied',
    breaks: 'The list of allowed names on the proxy lacks one.',
    site: outsideSiteBy({ proxy: outsidePorts.denies }),
    tasks: [tunnelBy(outsidePorts.denies, filtered, ports.https), tunnelBy(outsidePorts.denies, login, ports.https)],
    shows: '403, 200',
    asks: out,
    expect: some(['pnc-https'], 'blocked', 'proxy-name-denied', 'certain', 'proxy'),
  },
  {
    id: 'proxy-port-denied',
    breaks: 'The proxy opens tunnels to 443 alone; the partner listens on 8443.',
    site: outsideSiteBy({ proxy: outsidePorts.https }),
    tasks: [
      tunnelBy(outsidePorts.https, portal.name, ports.alternate),
      tunnelBy(outsidePorts.https, portal.name, ports.https),
    ],
    shows: '403, 200',
    asks: out,
    expect: some(['partner'], 'blocked', 'proxy-port-denied', 'certain', 'proxy'),
  },
  {
    id: 'proxy-refuses',
    breaks: 'Nobody listens at the port of the proxy.',
    site: outsideSiteBy({ proxy: outsidePorts.nobody }),
    tasks: [`knock:${outside.proxy}:${outsidePorts.nobody}`],
    shows: 'ECONNREFUSED',
    asks: out,
    expect: some(out, 'blocked', 'proxy-dead', 'certain', 'proxy'),
  },
  {
    id: 'captured-proxy-prohibited',
    breaks: 'The firewall forbids the way to the proxy, and says so.',
    needs: ['reject'],
    capture: true,
    site: outsideSiteBy({ proxy: outsidePorts.proxy }),
    forward: `ip daddr ${outside.proxy} reject with icmp admin-prohibited`,
    tasks: [`knock:${outside.proxy}:${outsidePorts.proxy}`],
    shows: 'EHOSTUNREACH',
    asks: ['partner', 'partner-web'],
    expect: some(['partner', 'partner-web'], 'blocked', 'admin-prohibited', 'certain', 'firewall'),
  },
  {
    id: 'captured-proxy-refused-before-it',
    breaks: 'The firewall refuses what is for the proxy in its own words.',
    needs: ['reject'],
    capture: true,
    site: outsideSiteBy({ proxy: outsidePorts.proxy }),
    forward: `ip daddr ${outside.proxy} reject with icmp port-unreachable`,
    tasks: [`knock:${outside.proxy}:${outsidePorts.proxy}`],
    shows: 'ECONNREFUSED',
    asks: ['partner', 'partner-web'],
    expect: some(['partner', 'partner-web'], 'blocked', 'refused-by-firewall', 'certain', 'firewall'),
  },
  {
    id: 'proxy-filtered',
    breaks: 'The firewall drops what is for the proxy.',
    site: outsideSiteBy({ proxy: outsidePorts.proxy }),
    forward: `ip daddr ${outside.proxy} drop`,
    tasks: [`knock:${outside.proxy}:${outsidePorts.proxy}`],
    shows: 'silence',
    asks: ['partner', 'partner-web'],
    expect: some(['partner', 'partner-web'], 'blocked', 'proxy-dead', 'likely', 'proxy'),
  },
  {
    id: 'proxy-without-a-name',
    breaks: 'The resolver that the proxy asks denies one name.',
    site: outsideSiteBy({ proxy: outsidePorts.proxy }),
    does: [withheld(outside.resolver, 'always_nxdomain')],
    tasks: [tunnelBy(outsidePorts.proxy, filtered, ports.https), tunnelBy(outsidePorts.proxy, login, ports.https)],
    shows: '500, 200',
    asks: out,
    expect: some(['pnc-https'], 'blocked', 'proxy-dns', 'likely', 'proxy'),
  },
  {
    id: 'proxy-kept-in',
    breaks: 'A firewall behind the proxy keeps it from the partner.',
    site: outsideSiteBy({ proxy: outsidePorts.proxy }),
    needs: ['reject'],
    hosts: [{ on: 'cloud', output: `ip saddr ${outside.proxy} ip daddr ${portal.address} reject` }],
    tasks: [tunnelBy(outsidePorts.proxy, portal.name, ports.https), tunnelBy(outsidePorts.proxy, login, ports.https)],
    shows: '503, 200',
    asks: out,
    expect: some(['partner', 'partner-web'], 'blocked', 'proxy-unreachable-target', 'likely', 'proxy'),
    timeoutMs: 3000,
  },
  {
    id: 'proxy-required',
    breaks: 'The firewall lets nobody out but by the proxy, which the client is not told to use.',
    site: outsideSiteBy({ proxy: outsidePorts.proxy, proxyOfOthers: true }),
    forward: `ip saddr ${client.address} ip daddr { ${outside.cloud}, ${portal.address} } drop`,
    tasks: [shakeCloud(login), tunnelBy(outsidePorts.proxy, login, ports.https)],
    shows: 'silence, 200',
    asks: ['partner', 'partner-web'],
    expect: some(['partner', 'partner-web'], 'blocked', 'proxy-required', 'certain', 'proxy'),
  },
]

/** Statements by which the firewall leads what is for a door elsewhere. */
const lead = (what: string, to: string): string => `ip saddr ${client.address} ${what} dnat ip to ${to}`
const inspect = (port: number): string => `ip saddr ${client.address} tcp dport ${ports.https} redirect to :${port}`
const issuerApart = `issuer:${outside.apart}:${ports.https}:${filtered}`
const trusting = { NODE_EXTRA_CA_CERTS: '$FOLDER/inspector.pem' }
const inspected = `${login} by Corp TLS Inspection CA`
const genuine = `${cloudNames[0]} by Outside Root CA`

const inspections: readonly OutsideRow[] = [
  {
    id: 'inspection-untrusted',
    breaks: 'The firewall leads every connection to 443 through squid, whose authority this machine does not know.',
    leads: inspect(outsidePorts.inspects),
    tasks: [issuerOf(login)],
    shows: inspected,
    asks: ['pnc-https', 'partner'],
    expect: some(['pnc-https'], 'wrong', 'interception-untrusted', 'certain', 'proxy'),
  },
  {
    id: 'inspection-trusted',
    breaks: 'The firewall leads every connection to 443 through squid, whose authority has been rolled out.',
    leads: inspect(outsidePorts.inspects),
    environment: trusting,
    tasks: [issuerOf(login)],
    shows: inspected,
    asks: ['pnc-https', 'partner'],
    expect: some(['pnc-https'], 'wrong', 'interception-trusted', 'certain', 'proxy'),
  },
  {
    id: 'inspection-partial',
    breaks: 'The bypass list of the inspecting squid forgets one name; its authority has been rolled out.',
    leads: `ip daddr ${outside.apart} ${inspect(outsidePorts.inspects)}`,
    environment: trusting,
    tasks: [issuerApart, issuerOf(login)],
    shows: `${filtered} by Corp TLS Inspection CA, ${genuine}`,
    asks: ['pnc-https', 'partner'],
    expect: some(['pnc-https'], 'wrong', 'interception-partial', 'certain', 'proxy'),
  },
]

const stringRule = (verb: '-I' | '-D', end: readonly string[]): Command => [
  'iptables',
  ...[verb, 'FORWARD', '-p', 'tcp', '--dport', String(ports.https)],
  ...['-m', 'string', '--algo', 'bm', '--string', filtered, '-j', ...end],
]
const byName = (id: string, breaks: string, shows: string, ...end: readonly string[]): OutsideRow => ({
  id,
  breaks,
  needs: ['string match'],
  does: [{ on: 'firewall', set: stringRule('-I', end), clear: stringRule('-D', end) }],
  tasks: [`shake:${outside.apart}:${ports.https}:${filtered}`, shakeCloud(login)],
  shows: `${shows}, handshake`,
  asks: ['pnc-https', 'partner'],
  expect: some(['pnc-https'], 'blocked', 'sni-filter', 'likely', 'firewall'),
})

const filters: readonly OutsideRow[] = [
  byName(
    'name-reset',
    'The firewall resets the connection when one name is in the ClientHello.',
    'ECONNRESET',
    ...['REJECT', '--reject-with', 'tcp-reset'],
  ),
  byName('name-dropped', 'The firewall drops a ClientHello with one name in it.', 'silence after connecting', 'DROP'),
]

const hotspots: readonly OutsideRow[] = [
  {
    id: 'captive-portal',
    breaks: 'The network leads every request over plain HTTP to its own sign-in page.',
    leads: lead(`tcp dport ${ports.http}`, `${outside.hotspot}:${ports.http}`),
    tasks: [`greet:${outside.cloud}:${ports.http}`],
    shows: 'HTTP/1.1 302 Moved Temporarily',
    asks: ['pnc-http', 'partner'],
    expect: some(['pnc-http'], 'wrong', 'captive-portal', 'likely', 'network'),
  },
  {
    id: 'captive-portal-tls',
    breaks: 'The network answers every connection to 443 in plain HTTP with a way to its own sign-in page.',
    leads: lead(`tcp dport ${ports.https}`, `${outside.hotspot}:${ports.http}`),
    tasks: [`greet:${outside.cloud}:${ports.https}`],
    shows: 'HTTP/1.1 302 Moved Temporarily',
    asks: ['pnc-https', 'partner-web'],
    expect: some(['pnc-https', 'partner-web'], 'wrong', 'captive-portal', 'likely', 'network'),
  },
]

const toApp = `ip daddr ${app.address} tcp dport ${ports.https}`
const appIssuer = `issuer:${app.address}:${ports.https}:${app.name}`

interface Led {
  readonly id: string
  readonly breaks: string
  readonly to: string
  readonly task?: string
  readonly shows: string
  readonly expect: Omit<Expected, 'flows' | 'which'>
  readonly more?: string
  readonly forward?: string
}

/** The door of the app leads to another server. */
const led = ({ id, breaks, to, task = appIssuer, shows, expect, more, forward }: Led): OutsideRow => ({
  id,
  breaks,
  leads: [lead(toApp, to), ...(more === undefined ? [] : [more])].join('\n'),
  ...(forward !== undefined && { forward }),
  tasks: [task],
  shows,
  asks: ['app', 'partner'],
  expect: { flows: ['app'], ...expect },
})
const listed = `${outside.listed}:${ports.https}`
const byOutside = `${app.name} by Outside Root CA`
const toPki = (port: number): string =>
  lead(`ip daddr ${outside.pki.address} tcp dport ${ports.http}`, `${outside.pki.address}:${port}`)

const elsewhere: readonly OutsideRow[] = [
  led({
    id: 'app-led-to-a-console',
    breaks: 'A wrong translation leads the app to the console of the firewall.',
    to: `${console.address}:${ports.https}`,
    shows: `${console.name} by ${console.name}`,
    expect: { verdict: 'wrong', cause: 'wrong-target-dnat', confidence: 'certain', owner: 'firewall' },
  }),
  led({
    id: 'app-led-to-a-shell',
    breaks: 'A wrong translation leads the app to a shell.',
    to: `${console.address}:${ports.shell}`,
    task: `greet:${app.address}:${ports.https}`,
    shows: 'SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3',
    expect: { verdict: 'wrong', cause: 'not-the-service', confidence: 'certain', owner: 'app' },
  }),
  led({
    id: 'app-led-to-plain-http',
    breaks: 'A wrong translation leads the app to a port that speaks plain HTTP.',
    to: `${app.address}:${ports.http}`,
    task: `greet:${app.address}:${ports.https}`,
    shows: 'HTTP/1.1 200 OK',
    expect: { verdict: 'wrong', cause: 'not-the-service', confidence: 'certain', owner: 'app' },
  }),
  led({
    id: 'app-led-to-another-app',
    breaks: 'A wrong translation leads the app to another one, whose certificate does not name it.',
    to: `${portal.address}:${ports.https}`,
    shows: `${portal.name} by Corp Issuing CA`,
    expect: { verdict: 'wrong', cause: 'name-mismatch', confidence: 'certain', owner: 'app' },
  }),
  led({
    id: 'app-expired',
    breaks: 'The certificate of the app ran out two days ago.',
    to: `${outside.listed}:8443`,
    shows: byOutside,
    expect: { verdict: 'blocked', cause: 'cert-expired', confidence: 'certain', owner: 'pki' },
  }),
  led({
    id: 'app-of-old-version',
    breaks: 'The app offers TLS 1.0 and 1.1 and nothing newer.',
    to: `${outside.listed}:9443`,
    task: `shake:${app.address}:${ports.https}:${app.name}`,
    shows: 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION',
    expect: { verdict: 'blocked', cause: 'tls-version', confidence: 'certain', owner: 'app' },
  }),
  led({
    id: 'list-filtered',
    breaks: 'The firewall drops what is for the host that publishes the revocation list.',
    to: listed,
    forward: `ip daddr ${outside.pki.address} drop`,
    shows: byOutside,
    expect: { verdict: 'degraded', cause: 'revocation-unreachable', confidence: 'likely', owner: 'firewall' },
  }),
  led({
    id: 'app-revoked',
    breaks: 'The certificate of the app was revoked, and the list of its issuer says so.',
    to: listed,
    more: toPki(81),
    shows: byOutside,
    expect: { verdict: 'blocked', cause: 'revoked', confidence: 'certain', owner: 'pki' },
  }),
  led({
    id: 'list-stale',
    breaks: 'The revocation list ran out two days ago.',
    to: listed,
    more: toPki(82),
    shows: byOutside,
    expect: { verdict: 'degraded', cause: 'crl-stale', confidence: 'certain', owner: 'pki' },
  }),
]

export const outsideFaults: readonly OutsideRow[] = [
  ...names,
  ...proxies,
  ...inspections,
  ...filters,
  ...hotspots,
  ...elsewhere,
]

/** What is odd outside, or on the way there, and breaks nothing. */
export const outsideOddities: readonly OutsideRow[] = [
  {
    id: 'names-led-to-one-resolver',
    breaks: 'The firewall leads every question for a name to the resolver of the site, which answers it rightly.',
    leads: `ip saddr ${client.address} meta l4proto { tcp, udp } th dport 53 dnat ip to ${outside.resolver}`,
    tasks: [`name:10.77.50.56:A:${login}`],
    shows: outside.cloud,
    asks: ['pnc-https', 'partner'],
  },
  {
    id: 'all-by-proxy',
    breaks: 'Everything goes out by the proxy, and the firewall forbids the straight way.',
    needs: ['reject'],
    site: outsideSiteBy({ proxy: outsidePorts.proxy }),
    forward: `ip daddr { ${outside.cloud}, ${portal.address} } reject with icmp type admin-prohibited`,
    tasks: [shakeCloud(login), tunnelBy(outsidePorts.proxy, login, ports.https)],
    shows: 'EHOSTUNREACH, 200',
    asks: out,
  },
  {
    id: 'inspection-elsewhere',
    breaks: 'The firewall leads one name through the inspecting squid, and nobody asks for it.',
    leads: `ip daddr ${outside.apart} ${inspect(outsidePorts.inspects)}`,
    tasks: [issuerApart, `issuer:${portal.address}:${ports.https}:${portal.name}`],
    shows: `${filtered} by Corp TLS Inspection CA, ${portal.name} by Corp Issuing CA`,
    asks: ['partner-web', 'partner', 'app'],
  },
  {
    id: 'app-with-a-list',
    breaks: 'The certificate of the app says where its state is told, and the list there is well.',
    leads: lead(toApp, listed),
    tasks: [appIssuer],
    shows: byOutside,
    asks: ['app', 'partner'],
  },
  {
    id: 'names-over-tcp-too',
    breaks: 'The firewall drops ICMP, and the resolver outside is not reached by anybody here.',
    forward: `ip protocol icmp drop\n ip daddr ${outside.control} drop`,
    tasks: [inside(login), beyond(login)],
    shows: `${outside.cloud}, silence`,
    asks: ['pnc-https', 'partner'],
  },
]
