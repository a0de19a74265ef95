import type { AddressRange } from '../../addresses.ts'
import { mergedRanges } from '../../addresses.ts'
import type { Reader, ReadingHints } from '../../reader.ts'
import type { Place, Route, RuleSet, Stage } from '../../ruleset.ts'
import type { ConfigurationFile } from '../../source.ts'
import { fewDoubts } from '../../text/doubtsOf.ts'
import { placesIn } from '../../text/placesIn.ts'
import type { Statements as Counted } from '../../text/statements.ts'
import { countStatements } from '../../text/statements.ts'
import type { Unknown } from '../../unknown.ts'
import { cidrRange } from '../cidrRange.ts'
import { ownPlaces } from '../ownPlaces.ts'
import { addressBooksOf } from './addressBooks.ts'
import { inboundNat, outboundNat } from './nat.ts'
import { policyRules } from './policies.ts'
import type { Statement } from './statements.ts'
import { junosStatements } from './statements.ts'
import type { Tree } from './tree.ts'
import { treeOf } from './tree.ts'

/** Parts of a configuration that say nothing about which flows pass through. */
const silent = new Set(
  `access accounting-options chassis class-of-service event-options forwarding-options groups jsrc jsrc-partition logical-systems
   multi-chassis poe policy-options protocols schedulers services smtp snmp switch-options system tenants vlans version
   unified-edge virtual-chassis wlan`.split(/\s+/),
)
/** Parts below `security` that the reader goes by, and those that say nothing. */
const ofSecurity = new Set(
  `address-book policies zones nat alarms alg analysis application-tracking authentication-key-chains certificates
   dynamic-address flow forwarding-options forwarding-process group-vpn idp idp-policy ike ipsec log pki screen softwires
   ssh-known-hosts traceoptions user-identification utm dynamic-vpn remote-access tcp-encap advance-policy-based-routing
   nat-options macsec datapath-debug distribution-profile resource-manager`.split(/\s+/),
)

/**
 * Reads the configuration of a Juniper SRX, as `set` commands or in braces: policies between zones and global ones, address
 * books, applications, the three kinds of NAT, zones, interfaces, static routes. A policy sees a destination behind its
 * translation and a source before it.
 */
export const read: Reader = (files, given) => {
  const hints = ownPlaces(given)
  const counted = countStatements()
  const ruleSets = files.flatMap((file) => ruleSetOf(file, hints, counted))
  return { ruleSets, coverage: counted.coverage() }
}

function ruleSetOf(file: ConfigurationFile, hints: ReadingHints, counted: Counted): readonly RuleSet[] {
  const { statements, broken } = junosStatements(file)
  const doubts: Unknown[] = []
  const doubt = (span: Statement['span'], why: string): void => {
    counted.unread(span, why)
    doubts.push({ kind: 'unread', what: `line ${span.line}: ${why}` })
  }
  for (const { span, why } of broken) doubt(span, why)
  for (const { words, span } of statements) {
    const why = doubtIn(words)
    if (why === undefined) counted.understood()
    else doubt(span, why)
  }
  if (statements.length === 0) return []
  const tree = treeOf(statements, placesIn(file).span(0, Math.min(file.text.length, 80)))
  const isPermitted = tree.at('security', 'policies', 'default-policy', 'permit-all') !== undefined
  const books = addressBooksOf(tree)
  const places = placesOf(tree, hints)
  const routes = routesOf(tree, places)
  return [
    {
      ...{ vendor: 'srx', name: tree.value('system', 'host-name') ?? file.name, doubts: fewDoubts(doubts) },
      stages: stagesWith(isPermitted),
      chains: {
        inbound: inboundNat(tree, books),
        policies: policyRules(tree, books),
        outbound: outboundNat(tree, books),
        device: [],
      },
      // With routes it is they that say what lies behind an interface.
      places: routes === undefined ? places : places.map(({ networks: _, ...place }) => place),
      ...(routes !== undefined && { routes }),
    },
  ]
}

/** Why a statement makes every answer doubtful; undefined for what is read, or says nothing about flows. */
function doubtIn(words: readonly string[]): string | undefined {
  const [first = '', second = ''] = words
  if (first === 'apply-groups') return `the group ${second}, whose statements may be anywhere`
  if (first === 'routing-instances') return 'routing instances are not read'
  if (first === 'firewall') return undefined
  if (first === 'interfaces' && words.includes('filter')) return `the stateless filter of ${second} is not read`
  // It comes before the routes, and so does the zone that a packet leaves by.
  if (words.includes('advance-policy-based-routing-profile')) return 'policy-based routing of a zone is not read'
  if (first === 'security') return ofSecurity.has(second) ? undefined : `security ${second} is not known`
  if (first === 'interfaces' || first === 'applications' || first === 'routing-options') return undefined
  return silent.has(first) ? undefined : `${first} is not known`
}

function placesOf(tree: Tree, hints: ReadingHints): readonly Place[] {
  const zones = tree.below('security', 'zones', 'security-zone')
  return tree.below('interfaces').flatMap(([name, node]) =>
    node.below('unit').map(([unit, of]): Place => {
      const called = `${name}.${unit}`
      const inZones = zones.filter(([, zone]) => zone.at('interfaces', called) !== undefined).map(([zone]) => zone)
      const texts = [...of.values('family', 'inet', 'address'), ...of.values('family', 'inet6', 'address')]
      const nets = mergedRanges(texts.flatMap((text) => cidrRange(text) ?? []))
      const told = [called, ...inZones].map((place) => hints.places[place]).find((ranges) => ranges !== undefined)
      const networks = told ?? nets
      return {
        ...{ name: called, kind: 'interface', zones: inZones },
        own: texts.flatMap((text) => cidrRange(text.split('/')[0] ?? '') ?? []),
        ...(networks.length > 0 && { networks }),
      }
    }),
  )
}

/** Networks of interfaces and static routes; undefined without a static route, or where routes are learnt. */
function routesOf(tree: Tree, places: readonly Place[]): readonly Route[] | undefined {
  const isLearnt = ['bgp', 'ospf', 'ospf3', 'isis', 'rip'].some((name) => tree.at('protocols', name) !== undefined)
  const lists = [
    ...tree.below('routing-options', 'static', 'route'),
    ...tree.below('routing-options', 'rib', 'inet6.0', 'static', 'route'),
  ]
  if (lists.length === 0 || isLearnt) return undefined
  const at = (hop: string | undefined): string | undefined => {
    const address = hop === undefined ? undefined : cidrRange(hop)
    if (address === undefined) return places.find(({ name }) => name === hop)?.name
    const holds = ({ family, first, last }: AddressRange): boolean =>
      family === address.family && first <= address.first && address.last <= last
    return places.find(({ networks = [] }) => networks.some(holds))?.name
  }
  const fixed = lists.flatMap(([text, node]): readonly Route[] => {
    const to = cidrRange(text)
    if (to === undefined) return []
    const isNowhere = node.at('discard') !== undefined
    if (isNowhere || node.at('reject') !== undefined) {
      return [{ to, kind: isNowhere ? 'blackhole' : 'unreachable', span: node.span }]
    }
    const out = at(node.value('next-hop') ?? node.value('qualified-next-hop'))
    return [{ to, kind: 'unicast', span: node.span, ...(out !== undefined && { out }) }]
  })
  const connected = places.flatMap(({ name, networks = [] }) =>
    networks.map((to): Route => ({ to, out: name, metric: 0, kind: 'unicast', span: tree.span })),
  )
  return [...connected, ...fixed]
}

function stagesWith(isPermitted: boolean): readonly Stage[] {
  const plain = { stateful: true, addresses: 'current' } as const
  const untranslated = { action: 'allow', name: 'no translation' } as const
  return [
    {
      ...plain,
      name: 'static and destination NAT',
      hook: 'prerouting',
      kind: 'destination-nat',
      chain: 'inbound',
      otherwise: untranslated,
    },
    {
      ...{ ...plain, name: 'policies', hook: 'forward', kind: 'filter', chain: 'policies' },
      otherwise: {
        action: isPermitted ? 'allow' : 'drop',
        name: isPermitted ? 'default-policy permit-all' : 'default deny',
      },
    },
    {
      ...plain,
      name: 'static and source NAT',
      hook: 'postrouting',
      kind: 'source-nat',
      chain: 'outbound',
      otherwise: untranslated,
    },
    {
      ...{ ...plain, name: 'services of the device', hook: 'input', kind: 'filter', chain: 'device' },
      otherwise: { action: 'unknown', name: 'host-inbound-traffic of the zone' },
    },
  ]
}
