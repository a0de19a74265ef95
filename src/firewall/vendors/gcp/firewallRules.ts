import type { NumberRange } from '../../ruleset.ts'
import type { Span } from '../../source.ts'
import type { JsonValue } from '../../text/jsonTree.ts'
import type { Unknown } from '../../unknown.ts'

/** Ends that a rule names: blocks, network tags, service accounts; any of them is enough. */
export interface RuleEnds {
  readonly ranges: readonly string[]
  readonly tags: readonly string[]
  readonly accounts: readonly string[]
}

export interface RuleTraffic {
  /** Absent: all. */
  readonly protocol?: number
  readonly ports?: readonly NumberRange[]
}

/** One firewall rule of a VPC network, as the API, `gcloud` or Terraform writes it. */
export interface FirewallRule {
  readonly name: string
  readonly network: string
  readonly isEgress: boolean
  readonly priority: number
  readonly action: 'allow' | 'drop' | 'unknown'
  readonly isDisabled: boolean
  readonly far: RuleEnds
  readonly targets: RuleEnds
  readonly traffic: readonly RuleTraffic[]
  readonly unknowns: readonly Unknown[]
  readonly span: Span
  readonly comment?: string
}

/** How the members of a rule are called in one form of it. */
interface Spelling {
  readonly sourceRanges: string
  readonly destinationRanges: string
  readonly sourceTags: string
  readonly sourceAccounts: string
  readonly targetTags: string
  readonly targetAccounts: string
  readonly allowed: string
  readonly denied: string
  readonly protocol: string
  /** Members that say nothing about passing packets. */
  readonly others: RegExp
}

export const apiSpelling: Spelling = {
  sourceRanges: 'sourceRanges',
  destinationRanges: 'destinationRanges',
  sourceTags: 'sourceTags',
  sourceAccounts: 'sourceServiceAccounts',
  targetTags: 'targetTags',
  targetAccounts: 'targetServiceAccounts',
  allowed: 'allowed',
  denied: 'denied',
  protocol: 'IPProtocol',
  others:
    /^(kind|id|creationTimestamp|name|description|network|priority|direction|disabled|logConfig|selfLink|selfLinkWithId|params|enableLogging)$/,
}

export const terraformSpelling: Spelling = {
  sourceRanges: 'source_ranges',
  destinationRanges: 'destination_ranges',
  sourceTags: 'source_tags',
  sourceAccounts: 'source_service_accounts',
  targetTags: 'target_tags',
  targetAccounts: 'target_service_accounts',
  allowed: 'allow',
  denied: 'deny',
  protocol: 'protocol',
  others:
    /^(id|creation_timestamp|name|description|network|priority|direction|disabled|log_config|self_link|enable_logging|project|timeouts|params)$/,
}

const protocolNumbers: Readonly<Record<string, number>> = {
  tcp: 6,
  udp: 17,
  icmp: 1,
  esp: 50,
  ah: 51,
  sctp: 132,
  ipip: 4,
  gre: 47,
}

/**
 * Reads one rule (Compute Engine API reference: firewalls). Undefined members mean what the API makes of them: priority
 * 1000, ingress, from or to 0.0.0.0/0.
 *
 * @param network the network's name where the value itself does not tell
 */
export function readFirewallRule(value: JsonValue, spelling: Spelling, network = networkOf(value)): FirewallRule {
  const unknowns: Unknown[] = []
  const unread = (what: string): void => {
    unknowns.push({ kind: 'unread', what })
  }
  const { others, protocol, ...lists } = spelling
  const known = new Set<string>(Object.values(lists))
  for (const name of value.names()) {
    if (!known.has(name) && !others.test(name)) unread(`the member "${name}", which is not known`)
  }
  const texts = (name: string): readonly string[] => {
    const list = value.member(name)
    if (list !== undefined && list.kind !== 'array' && list.kind !== 'null') unread(`the member "${name}"`)
    return (list?.elements() ?? []).map((item) => String(item.scalar ?? ''))
  }
  const direction = value.member('direction')?.text()?.toUpperCase() ?? 'INGRESS'
  if (direction !== 'INGRESS' && direction !== 'EGRESS') unread(`the direction "${direction}"`)
  const isEgress = direction === 'EGRESS'
  const priority = value.member('priority')
  const number = priority === undefined || priority.kind === 'null' ? 1000 : priority.number()
  if (number === undefined || number < 0 || number > 65535) unread('its priority, and with it its place in the order')
  const allowed = value.member(spelling.allowed)?.elements() ?? []
  const denied = value.member(spelling.denied)?.elements() ?? []
  const isPlain = allowed.length > 0 !== denied.length > 0
  if (!isPlain) unread('whether it allows or denies')
  const comment = value.member('description')?.text()
  const far: RuleEnds = isEgress
    ? { ranges: texts(spelling.destinationRanges), tags: [], accounts: [] }
    : {
        ranges: texts(spelling.sourceRanges),
        tags: texts(spelling.sourceTags),
        accounts: texts(spelling.sourceAccounts),
      }
  const isAnywhere = far.ranges.length + far.tags.length + far.accounts.length === 0
  return {
    name: value.member('name')?.text() ?? '?',
    network,
    isEgress,
    priority: number ?? 0,
    action: !isPlain ? 'unknown' : allowed.length > 0 ? 'allow' : 'drop',
    isDisabled: value.member('disabled')?.scalar === true,
    far: isAnywhere ? { ...far, ranges: ['0.0.0.0/0'] } : far,
    targets: { ranges: [], tags: texts(spelling.targetTags), accounts: texts(spelling.targetAccounts) },
    traffic: [...allowed, ...denied].map((item) => trafficOf(item, protocol, unread)),
    unknowns,
    span: value.span(),
    ...(comment !== undefined && comment !== '' && { comment }),
  }
}

/** The last part of the network's address. */
export function networkOf(value: JsonValue): string {
  return value.member('network')?.text()?.split('/').at(-1) ?? 'default'
}

function trafficOf(value: JsonValue, member: string, unread: (what: string) => void): RuleTraffic {
  const word = String(value.member(member)?.scalar ?? '').toLowerCase()
  const ports = value.member('ports')?.elements() ?? []
  if (value.names().some((name) => name !== member && name !== 'ports')) unread(`a member of ${value.span().text}`)
  if (word === 'all') return {}
  const protocol =
    (Object.hasOwn(protocolNumbers, word) ? protocolNumbers[word] : undefined) ??
    (/^\d{1,3}$/.test(word) ? Number(word) : undefined)
  if (protocol === undefined || protocol > 255) {
    unread(`the protocol "${word}"`)
    return {}
  }
  if (ports.length === 0) return { protocol }
  const ranges = ports.map((port) => portsOf(String(port.scalar ?? '')))
  const known = ranges.filter((range) => range !== undefined)
  if (known.length < ranges.length) {
    unread(`the ports ${value.span().text}`)
    return { protocol }
  }
  return { protocol, ports: known }
}

function portsOf(text: string): NumberRange | undefined {
  const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text.trim())
  if (match === null) return undefined
  const first = Number(match[1])
  const last = Number(match[2] ?? match[1])
  return last > 65535 || last < first ? undefined : { first, last }
}
