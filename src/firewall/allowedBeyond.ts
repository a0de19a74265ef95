import type { AddressRange } from './addresses.ts'
import { everyAddress, mergedRanges, rangesWithout } from './addresses.ts'
import { judge } from './judge.ts'
import type { AskedFlow, JudgedPart, Knowledge, Passage } from './judged.ts'
import { coverOf } from './nameCover.ts'
import type { NamePattern } from './namePattern.ts'
import type { Permit } from './permit.ts'
import type { Part } from './permitParts.ts'
import { partOf, rangesOfIntervals, without } from './permitParts.ts'
import type { NumberRange, Rule, RuleSet } from './ruleset.ts'
import type { Unknown } from './unknown.ts'

/** Packets that a rule set lets pass and that no permit asks for. */
export interface Beyond {
  readonly passage: Passage
  readonly family: 4 | 6
  readonly source: readonly AddressRange[]
  readonly destination: readonly AddressRange[]
  readonly transport: Permit['transport']
  /** Empty for ICMP. */
  readonly ports: readonly NumberRange[]
  /** The rule that lets them pass. */
  readonly by: string
  /** No line of the configuration has that rule: the vendor lets them pass of itself. */
  readonly implied?: true
  /** Only what is asked for by one of these names; absent: whatever it is asked for. */
  readonly name?: string
  /** On what it depends whether it passes; empty: it does. */
  readonly dependsOn: readonly Unknown[]
}

/**
 * What a rule set allows beyond what it is asked for: every TCP and UDP connection and every echo request that it lets
 * pass, or may let pass, without those of the permits. Exact: what is returned is all of it, in parts that do not overlap
 * where no names are in play. Traffic of a machine with itself never leaves it, and is left out.
 *
 * @param permits those that meet the rule set in this passage
 */
export function allowedBeyond(
  ruleSet: RuleSet,
  permits: readonly Permit[],
  passage: Passage,
  knowledge: Knowledge,
): readonly Beyond[] {
  const implied = impliedRules(ruleSet)
  const named = namedRules(ruleSet)
  return (['tcp', 'udp', 'icmp'] as const).flatMap((transport) => {
    const own = permits.filter((permit) => permit.transport === transport)
    const asks = transport === 'tcp' && asksHow(ruleSet) ? (['connect', 'plain'] as const) : ([undefined] as const)
    const found = asks.flatMap((request) => {
      const meant = own.filter((permit) => request === undefined || permit.request === request)
      const question: Question = {
        ruleSet,
        permits: meant,
        transport,
        request: request ?? 'connect',
        passage,
        knowledge,
      }
      const whatever = beyondWhatever(question)
      const byName = transport === 'icmp' ? [] : named.flatMap((rules) => beyondByName(rules, question, whatever))
      return [...whatever, ...byName]
    })
    return distinct(found).map((beyond) => (implied.has(beyond.by) ? { ...beyond, implied: true as const } : beyond))
  })
}

interface Question {
  readonly ruleSet: RuleSet
  readonly permits: readonly Permit[]
  readonly transport: Permit['transport']
  readonly request: Permit['request']
  readonly passage: Passage
  readonly knowledge: Knowledge
}

/** What passes whatever name is asked for. What depends on the name is found by the names. */
function beyondWhatever({ ruleSet, permits, transport, request, passage, knowledge }: Question): readonly Beyond[] {
  const { parts } = judge(ruleSet, everything(transport, request), passage, knowledge)
  const boxes = permits.map(partOf)
  return parts.flatMap((part) => {
    if (isStopped(part)) return []
    const others = part.dependsOn.filter(({ names }) => names === undefined)
    if (others.length < part.dependsOn.length) return []
    return told(part, without(wholeOf(part, transport), boxes), { transport, passage, dependsOn: others })
  })
}

/**
 * What rules about one name let pass that no permit with the name asks for. Where a name leads to, the name decides: of
 * the permits with it, source and ports count.
 */
function beyondByName(
  { pattern, asked, rules }: NamedRules,
  question: Question,
  whatever: readonly Beyond[],
): readonly Beyond[] {
  const { ruleSet, permits, transport, request, passage, knowledge } = question
  const reach = reachOf(rules, transport)
  if (reach === undefined) return []
  const { parts } = judge(ruleSet, { ...everything(transport, request), ...reach, name: asked }, passage, knowledge)
  const names = new Set(rules.map(({ name }) => name))
  const withName = permits.filter(({ to }) => to.name !== undefined && coverOf(patternOf(to.name), asked) === 'all')
  const known: readonly Part[] = [
    ...permits.map(partOf),
    ...whatever.map(({ source, destination, ports }) => partOf({ source, destination, ports, transport })),
  ]
  return parts.flatMap((part) => {
    if (isStopped(part)) return []
    const isOwn = part.decidedBy.some(({ rule, does }) => names.has(rule) && (does === 'allows' || does === 'may'))
    if (!isOwn) return []
    const asksFor = withName.map((permit) => ({ ...partOf(permit), destination: part.destination }))
    const left = without(wholeOf(part, transport), [...asksFor, ...known])
    const dependsOn = part.dependsOn.filter((unknown) => unknown.names === undefined)
    return told(part, left, { transport, passage, dependsOn, name: pattern })
  })
}

function isStopped({ verdict }: JudgedPart): boolean {
  return verdict === 'drop' || verdict === 'reject' || verdict === 'no-path'
}

function wholeOf(part: JudgedPart, transport: Permit['transport']): Part {
  return partOf({ source: part.source, destination: part.destination, ports: part.ports, transport })
}

function told(
  part: JudgedPart,
  left: readonly Part[],
  more: Pick<Beyond, 'transport' | 'passage' | 'dependsOn' | 'name'>,
): readonly Beyond[] {
  const by = part.decidedBy.findLast(({ does, answer }) => answer !== true && (does === 'allows' || does === 'may'))
  return left.map(({ source, destination, ports }) => ({
    ...more,
    family: part.family,
    source,
    destination,
    ports: more.transport === 'icmp' ? [] : rangesOfIntervals(ports),
    by: by?.rule ?? '',
  }))
}

/** Rules that speak of one name, and a name to ask them by. */
interface NamedRules {
  /** As the rules have it. */
  readonly pattern: string
  readonly asked: string
  readonly rules: readonly Rule[]
}

/** The names of all rules that may let something pass, each once. */
function namedRules({ chains }: RuleSet): readonly NamedRules[] {
  const found = Object.values(chains)
    .flat()
    .filter(({ action }) => action.kind !== 'drop' && action.kind !== 'reject')
    .flatMap((rule) => namesIn(rule).flatMap((pattern) => askedAs(pattern).map((asked) => ({ pattern, asked, rule }))))
  return [...Map.groupBy(found, ({ asked }) => asked)].map(([asked, group]) => ({
    pattern: group[0]?.pattern.text ?? asked,
    asked,
    rules: group.map(({ rule }) => rule),
  }))
}

function namesIn({ match: { requestedNames = [], source, destination } }: Rule): readonly NamePattern[] {
  const objects = [source, destination].flatMap((set) => set?.possible ?? [])
  return [...requestedNames, ...objects.flatMap(({ because }) => because.names ?? [])]
}

/** Names that a pattern covers, as questions: a star stands for whatever is there. */
function askedAs({ covers, name, text }: NamePattern): readonly string[] {
  switch (covers) {
    case 'exactly':
      return [name]
    case 'below':
    case 'one-label-below':
      return [`*.${name}`]
    case 'at-or-below':
      return [name, `*.${name}`]
    case 'glob':
      return [text.toLowerCase()]
    case 'any':
      return ['name-of-no-rule.invalid']
    default:
      return covers satisfies never
  }
}

/** Whence and at which ports the rules let a name be asked for at the most; undefined: not by this transport. */
function reachOf(
  rules: readonly Rule[],
  transport: Permit['transport'],
): Pick<AskedFlow, 'source' | 'ports'> | undefined {
  const number = transport === 'tcp' ? 6 : 17
  const own = rules.filter(
    ({ match: { protocols } }) =>
      protocols === undefined || protocols.some(({ first, last }) => first <= number && number <= last),
  )
  if (own.length === 0) return undefined
  const sources = own.map(({ match: { source } }) =>
    source === undefined ? everyAddress().sure : [...source.sure, ...source.possible.flatMap(({ within }) => within)],
  )
  const ports = own.map(({ match: { destinationPorts } }) => destinationPorts ?? [{ first: 0, last: 65_535 }])
  return { source: mergedRanges(sources.flat()), ports: ports.flat() }
}

/** Whether any rule tells how a proxy is asked. */
function asksHow({ chains }: RuleSet): boolean {
  return Object.values(chains).some((rules) => rules.some(({ match }) => match.requests !== undefined))
}

/** Names of rules that the vendor makes of itself, and no rule of the configuration has. */
function impliedRules({ chains }: RuleSet): ReadonlySet<string> {
  const rules = Object.values(chains).flat()
  const written = new Set(rules.filter(({ implied }) => implied !== true).map(({ name }) => name))
  return new Set(rules.map(({ name }) => name).filter((name) => !written.has(name)))
}

function everything(transport: Permit['transport'], request: Permit['request']): AskedFlow {
  const all = everyAddress().sure
  const notItself = rangesWithout(all, loopback)
  return {
    source: all,
    destination: notItself,
    transport,
    ports: transport === 'icmp' ? [] : [{ first: 0, last: 65_535 }],
    sourcePorts: { first: 0, last: 65_535 },
    request,
  }
}

const loopback: readonly AddressRange[] = [
  { family: 4, first: 127n << 24n, last: (128n << 24n) - 1n },
  { family: 6, first: 1n, last: 1n },
]

/** The name of a permit, or Microsoft's pattern. */
function patternOf(text: string): NamePattern {
  const name = text.toLowerCase()
  return { text: name, name, covers: name.includes('*') ? 'glob' : 'exactly' }
}

/** Asked twice, once for each way of a proxy, the same comes twice where rules do not tell them apart. */
function distinct(found: readonly Beyond[]): readonly Beyond[] {
  const key = (beyond: Beyond): string =>
    JSON.stringify(beyond, (_, value: unknown) => (typeof value === 'bigint' ? `${value}` : value))
  return [...new Map(found.map((beyond) => [key(beyond), beyond])).values()]
}
