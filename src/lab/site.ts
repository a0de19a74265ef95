import { noResolver } from '../model/servedPlace.ts'
import type { OwnFlow, Site } from '../model/site.ts'
import { planFlows } from '../plan/planFlows.ts'
import { registration } from './servers/signIn.ts'
import { tenant } from './servers/tenant.ts'
import { labDomain, loopback } from './servers/zone.ts'

/** The host of the lab's site that this machine plays. */
export const vantage = 'gate01'

/** Another machine of the site, which has no way out but the company's proxy. */
export const proxiedVantage = 'conn02'

/** A client's machine in the office: it asks the directory, both name servers, and signs in with a smart card. */
export const deskVantage = 'desk01'

/** Names that the lab's own servers are called by. */
export const appName = `app01.${labDomain}`
export const dnsName = `dns01.${labDomain}`
export const secondDnsName = `dns02.${labDomain}`
export const directoryName = `dc01.${labDomain}`
/** The federation service, at whose port 49443 people sign in with a certificate. */
export const farmName = `sts.${labDomain}`
/** The gate's own app stands on this machine, for the clients of the office. */
export const gateName = `${vantage}.${labDomain}`
/** Where the lab's authorities publish: certificates name it, no flow does. */
export const pkiName = `pki.${labDomain}`

/** The time server of the site, and the app that shows its figures live, over a WebSocket. */
export const timeName = `time01.${labDomain}`
export const liveName = `live01.${labDomain}`
export const livePath = '/live'

/** A service of a partner, on a port of its own. */
export const partnerName = 'api.partner.example'

/** Where the parts of the lab are to be reached, and what the site is to trust. */
export interface LabPorts {
  /** TLS front of Microsoft's names. */
  readonly cloud: number
  /** Plain HTTP of the revocation hosts. */
  readonly web: number
  readonly app: number
  /** A port on which nobody listens. */
  readonly closed: number
  readonly internalDns: number
  readonly secondDns: number
  readonly controlDns: number
  /** The domain controller over TLS. */
  readonly directory: number
  /** The federation service, where it asks for a certificate. */
  readonly farm: number
  /** NTP, over UDP. */
  readonly time: number
  /** The app with a WebSocket. */
  readonly live: number
  /** The proxy of the site. */
  readonly proxy: number
  /** Where no resolver answers, unless something on the way does. */
  readonly nowhere: number
}

const own = ({ id, ...row }: Omit<OwnFlow, 'from' | 'forbid'> & { from?: string; forbid?: true }): OwnFlow => ({
  id,
  from: vantage,
  forbid: false,
  ...row,
})

/** What the site has besides the rows of the catalog. */
const ownFlows: readonly OwnFlow[] = [
  own({
    id: 'lab-app',
    to: 'app01',
    ports: [8443],
    transport: ['tcp'],
    service: 'https',
    purpose: 'the connector calls the internal address of the published app',
  }),
  own({
    id: 'lab-dns',
    to: 'dns01',
    ports: [53],
    transport: ['udp', 'tcp'],
    service: 'dns',
    purpose: 'every name that the gate dials is resolved here',
  }),
  own({
    id: 'lab-time',
    to: 'time01',
    ports: [123],
    transport: ['udp'],
    service: 'ntp',
    purpose: 'the gate takes its time from here: the dates of tokens and tickets are held against it',
  }),
  own({
    id: 'lab-ws',
    to: 'live01',
    ports: [8444],
    transport: ['tcp'],
    service: 'wss',
    path: livePath,
    purpose: 'the gate passes the live view of an app on, over a WebSocket',
  }),
  own({
    id: 'lab-ssh',
    to: 'app01',
    ports: [22],
    transport: ['tcp'],
    service: 'tcp',
    forbid: true,
    purpose: 'the gate administers nothing: remote shells are opened from elsewhere',
  }),
  ...(['dns01', 'dns02'] as const).map((to) =>
    own({
      id: `lab-desk-${to}`,
      from: deskVantage,
      to,
      ports: [53],
      transport: ['udp'],
      service: 'dns',
      purpose: 'machines of the office find their domain controllers by the records of either name server',
    }),
  ),
  own({
    id: 'lab-directory',
    from: deskVantage,
    to: 'dc01',
    ports: [636],
    transport: ['tcp'],
    service: 'tls',
    purpose: 'an application of the office asks the directory under TLS',
  }),
  own({
    id: 'lab-smart-card',
    from: deskVantage,
    to: 'sts01',
    ports: [49443],
    transport: ['tcp'],
    service: 'tls',
    purpose: 'people sign in with the certificate of a smart card',
  }),
  {
    id: 'lab-partner',
    from: proxiedVantage,
    to: 'partner01',
    ports: [8443],
    transport: ['tcp'],
    service: 'https',
    direction: 'outbound-internet',
    purpose: 'the connector calls a partner, which is outside',
    forbid: false,
  },
]

/**
 * The site of the small network: one machine with the connector and an own app, a published app, name servers, a domain
 * controller, the door of a federation service, and the clients of an office. Its facts settle every conditional row, so that a healthy check leaves nothing open.
 *
 * @param certificate path of the PEM file of the lab's root
 */
export function labSite(ports: LabPorts, certificate: string): Site {
  const site: Site = {
    site: 'lab',
    cloud: 'worldwide',
    tenant: tenant.id,
    domain: labDomain,
    features: ['application-proxy', 'own-app'],
    facts: { wpad: false, 'constrained-delegation': false, 'groups-overage': true },
    hosts: {
      [vantage]: { roles: ['private-network-connector', 'app-8443'], name: gateName, addresses: [loopback] },
      [proxiedVantage]: {
        roles: ['private-network-connector'],
        name: `${proxiedVantage}.${labDomain}`,
        addresses: [loopback],
      },
      partner01: { roles: ['scim-app'], name: partnerName, addresses: [] },
      app01: { roles: ['published-app'], name: appName, addresses: [loopback] },
      [deskVantage]: { roles: ['intranet-client'], name: `${deskVantage}.${labDomain}`, addresses: [loopback] },
      dc01: { roles: ['domain-controller'], name: directoryName, addresses: [] },
      dns01: { roles: ['dns-server'], name: dnsName, addresses: [loopback] },
      dns02: { roles: ['dns-server'], name: secondDnsName, addresses: [loopback] },
      sts01: { roles: ['wap'], name: farmName, addresses: [] },
      time01: { roles: ['domain-member'], name: timeName, addresses: [loopback] },
      live01: { roles: ['scim-app'], name: liveName, addresses: [loopback] },
    },
    // Addresses that are kept for documentation (RFC 5737): no client of the lab exists.
    networks: { staff: { roles: ['user-client'], prefixes: ['203.0.113.0/24'] } },
    resolvers: {
      internal: [`${loopback}:${ports.internalDns}`],
      control: [`${loopback}:${ports.controlDns}`],
    },
    proxies: { egress: { url: `http://${loopback}:${ports.proxy}`, usedBy: [proxiedVantage] } },
    trust: { certificates: [certificate] },
    names: {},
    devices: {},
    paths: [],
    flows: ownFlows,
    apps: {
      expenses: {
        url: `https://${appName}:8443`,
        redirectUris: [
          `https://${appName}:8443${registration.callback}`,
          `https://expenses.${labDomain}${registration.callback}`,
        ],
        client: registration.client,
      },
    },
  }
  return { ...site, names: namesOf(site, ports) }
}

/**
 * Where each planned name is served; cloud names without an address, so that the lab's resolver is asked for them. What
 * must be closed leads to the port where nobody listens, and not to whatever this machine has there.
 */
function namesOf(site: Site, ports: LabPorts): Readonly<Record<string, string>> {
  const names: Record<string, string> = {
    '*:443': `:${ports.cloud}`,
    '*:80': `:${ports.web}`,
    // An address as well, since issuers are fetched by way of the platform's resolution.
    [`${pkiName}:80`]: `${loopback}:${ports.web}`,
    [`${noResolver.name}:${noResolver.port}`]: `${loopback}:${ports.nowhere}`,
  }
  for (const { to, expect, target } of planFlows(site)) {
    if (target.name === undefined || target.port === null) continue
    const port = expect === 'closed' ? ports.closed : ownPorts(ports)[to]
    if (port !== undefined) names[`${target.name}:${target.port}`] = `:${port}`
  }
  return names
}

/** The cloud names that a check from the lab's own machine will speak TLS with. */
export function cloudNames(site: Site): readonly string[] {
  const names = planFlows(site).flatMap(({ from, to, expect, target: { name, service } }) =>
    from === vantage && !Object.hasOwn(site.hosts, to) && expect === 'open' && service === 'https' && name !== undefined
      ? [name]
      : [],
  )
  return [...new Set(names)]
}

const ownPorts = (ports: LabPorts): Readonly<Record<string, number>> => ({
  app01: ports.app,
  dns01: ports.internalDns,
  dns02: ports.secondDns,
  dc01: ports.directory,
  sts01: ports.farm,
  time01: ports.time,
  live01: ports.live,
  [vantage]: ports.app,
})

/** The site as its file, in the order in which the contract shows one. */
export function formatSite({
  hosts,
  networks,
  resolvers,
  proxies,
  trust,
  names,
  facts,
  flows,
  apps = {},
  ...scalars
}: Site): string {
  const { site, cloud, tenant: tenantId, domain, features } = scalars
  const block = (values: Readonly<Record<string, unknown>>): string[] =>
    Object.entries(values).map(([key, value]) => `  ${formatValue(key)}: ${formatValue(value)}`)
  const lines = [
    '# The small network of Postern: everything in it is on this machine, and ends with the process that made it.',
    ...Object.entries({ site, cloud, tenant: tenantId, domain, features }).map(
      ([key, value]) => `${key}: ${formatValue(value)}`,
    ),
    'facts:',
    ...block(facts),
    'hosts:',
    ...block(hosts),
    'networks:',
    ...block(networks),
    `resolvers: ${formatValue(resolvers)}`,
    'proxies:',
    ...block(
      Object.fromEntries(Object.entries(proxies).map(([name, { url, usedBy }]) => [name, { url, 'used-by': usedBy }])),
    ),
    `trust: ${formatValue(trust)}`,
    'names:',
    ...block(names),
    'flows:',
    ...flows.map(({ id, forbid, ...rest }) => `  - ${formatValue({ id, ...rest, ...(forbid && { forbid }) })}`),
    'apps:',
    ...block(
      Object.fromEntries(
        Object.entries(apps).map(([name, { redirectUris, ...app }]) => [
          name,
          { ...app, 'redirect-uris': redirectUris },
        ]),
      ),
    ),
  ]
  return `${lines.join('\n')}\n`
}

/** A value in YAML's flow style: plain where a word is just a word, and JSON, which YAML holds in full, everywhere else. */
function formatValue(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(formatValue).join(', ')}]`
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).map(([key, member]) => `${formatValue(key)}: ${formatValue(member)}`)
    return `{ ${members.join(', ')} }`
  }
  const plain = typeof value === 'string' && /^[a-z][a-z0-9._-]*$/i.test(value)
  return plain && !/^(true|false|null|yes|no|on|off|y|n)$/i.test(value) ? value : JSON.stringify(value)
}
