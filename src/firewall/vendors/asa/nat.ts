import type { Addresses, AddressRange } from '../../addresses.ts'
import type { Match, NumberRange, Rule, Translation } from '../../ruleset.ts'
import type { Span } from '../../source.ts'
import type { Statements } from '../../text/statements.ts'
import type { Unknown } from '../../unknown.ts'
import { cidrRange } from '../cidrRange.ts'
import type { Block } from '../cisco/blocks.ts'
import type { WordReader } from '../cisco/wordReader.ts'
import { readPorts, wordReader } from '../cisco/wordReader.ts'
import type { Objects, Service } from './objects.ts'

/** One rule of translation, read forwards: from the real side to the mapped one. */
interface Nat {
  readonly span: Span
  readonly name: string
  readonly section: 1 | 2 | 3
  /** Interfaces; absent: any. */
  readonly real?: string
  readonly mapped?: string
  readonly isStatic: boolean
  readonly source: { readonly real?: Addresses; readonly mapped: Mapped }
  readonly destination?: { readonly mapped: Addresses; readonly real: Addresses }
  readonly service?: {
    readonly protocol: number
    readonly real?: readonly NumberRange[]
    readonly mapped?: readonly NumberRange[]
  }
}

type Mapped = Addresses | 'interface' | 'itself' | Unknown

/** Rules for packets that come in, whose destination is turned back, and for those that leave. */
export interface Nats {
  readonly incoming: readonly Rule[]
  readonly leaving: readonly Rule[]
}

/**
 * Translation in the order of its sections: manual lines, rules of objects (static ones first, those of the fewest
 * addresses before others, then the lowest address, then the name), manual lines that say `after-auto`. A static rule
 * works both ways, and the first that fits decides.
 */
export function natsOf(blocks: readonly Block[], objects: Objects, statements: Statements): Nats {
  const manual = blocks.flatMap((block) => {
    if (block.words[0]?.toLowerCase() !== 'nat') return []
    return taken(manualNat(block, objects), block, statements)
  })
  const ofObjects = blocks.flatMap((block) => {
    if (block.words[0]?.toLowerCase() !== 'object' || block.words[1]?.toLowerCase() !== 'network') return []
    return block.below.flatMap((line) =>
      // The line itself was counted with its object.
      /^nat$/i.test(line.words[0] ?? '')
        ? (objectNat({ ...line, below: [] }, block.words[2] ?? '', objects) ?? [])
        : [],
    )
  })
  const sorted = [
    ...manual.filter(({ section }) => section === 1),
    ...ofObjects.toSorted(byPrecedence),
    ...manual.filter(({ section }) => section === 3),
  ]
  return { incoming: sorted.flatMap(incomingRules), leaving: sorted.flatMap(leavingRules) }
}

function taken(nat: Nat | string | undefined, { span }: Block, statements: Statements): readonly Nat[] {
  if (typeof nat === 'string') statements.unread(span, nat)
  else statements.understood()
  return nat === undefined || typeof nat === 'string' ? [] : [nat]
}

const pair = /^\(([^,()]+),([^,()]+)\)$/

/** `nat (real,mapped) [after-auto] [N] source static A B [destination static C D] [service S T] …` */
function manualNat({ words: all, span }: Block, objects: Objects): Nat | string | undefined {
  const words = wordReader(all, 1)
  const places = pair.exec(words.peek() ?? '')
  if (places !== null) words.next()
  const section = words.take('after-auto') ? 3 : 1
  const number = /^\d+$/.test(words.peek() ?? '') ? words.next() : undefined
  if (!words.take('source')) return 'a nat line that does not begin with its source is of a version before 8.3'
  const kind = words.next()?.toLowerCase()
  if (kind !== 'static' && kind !== 'dynamic') return `"${kind ?? ''}" is neither static nor dynamic`
  const real = endOf(words, objects)
  const mapped = mappedOf(words, objects)
  let destination: Nat['destination']
  let service: Nat['service']
  for (let word = words.next()?.toLowerCase(); word !== undefined; word = words.next()?.toLowerCase()) {
    if (word === 'inactive') return undefined
    if (word === 'description') break
    if (word === 'destination') {
      words.take('static')
      const asked = mappedOf(words, objects)
      const found = endOf(words, objects)
      if (asked === 'interface' || asked === 'itself' || 'kind' in asked) return 'a destination that is an interface'
      destination = { mapped: asked, real: found ?? asked }
    } else if (word === 'service') {
      const [first, second] = [objects.service(words.next() ?? ''), objects.service(words.next() ?? '')]
      const one = first?.[0]
      if (one === undefined) return 'a service of a nat line that is not in the file'
      const ports = (of: Service | undefined) => of?.sourcePorts ?? of?.ports
      service = { protocol: one.protocol, ...portsOf(ports(one), ports(second?.[0])) }
    } else if (
      !/^(no-proxy-arp|route-lookup|unidirectional|dns|net-to-net|interface|ipv6|round-robin|extended|flat|include-reserve|block-allocation)$/.test(
        word,
      )
    ) {
      return `"${word}" is not known in a nat line`
    }
  }
  return {
    ...{ span, section, isStatic: kind === 'static', name: `nat line ${number ?? span.line}` },
    ...placesOf(places),
    source: { ...(real !== undefined && { real }), mapped },
    ...(destination !== undefined && { destination }),
    ...(service !== undefined && { service }),
  }
}

/** Below an object: `nat (real,mapped) static MAPPED [service tcp REAL MAPPED]`, `nat (real,mapped) dynamic MAPPED`. */
function objectNat({ words: all, span }: Block, name: string, objects: Objects): Nat | undefined {
  const words = wordReader(all, 1)
  const places = pair.exec(words.peek() ?? '')
  if (places !== null) words.next()
  const kind = words.next()?.toLowerCase()
  if (kind !== 'static' && kind !== 'dynamic') return undefined
  const mapped = mappedOf(words, objects)
  let service: Nat['service']
  while (words.peek() !== undefined) {
    if (!words.take('service')) {
      words.next()
      continue
    }
    const protocol = words.next()?.toLowerCase() === 'udp' ? 17 : 6
    const [real, other] = [words.next() ?? '', words.next() ?? '']
    const [first, second] = [real, other].map((port) => readPorts(wordReader(['eq', port])))
    const known = (ports: typeof first) => (typeof ports === 'string' ? undefined : ports)
    service = { protocol, ...portsOf(known(first), known(second)) }
  }
  return {
    ...{ span, section: 2, isStatic: kind === 'static', name },
    ...placesOf(places),
    source: { real: objects.network(name), mapped },
    ...(service !== undefined && { service }),
  }
}

function placesOf(places: RegExpExecArray | null): Pick<Nat, 'real' | 'mapped'> {
  const [, real, mapped] = places ?? []
  return {
    ...(real !== undefined && real !== 'any' && { real }),
    ...(mapped !== undefined && mapped !== 'any' && { mapped }),
  }
}

function portsOf(real: readonly NumberRange[] | undefined, mapped: readonly NumberRange[] | undefined) {
  return { ...(real !== undefined && { real }), ...(mapped !== undefined && { mapped }) }
}

/** The real side of a line: `any`, an object or a group; undefined: any. */
function endOf(words: WordReader, objects: Objects): Addresses | undefined {
  const word = words.next() ?? 'any'
  if (/^any[46]?$/i.test(word)) return undefined
  const group = objects.networkGroup(word)
  return group.possible.some(({ because }) => because.kind === 'reference') ? objects.network(word) : group
}

function mappedOf(words: WordReader, objects: Objects): Mapped {
  if (words.take('interface')) return 'interface'
  if (words.take('pat-pool')) return mappedOf(words, objects)
  const word = words.next() ?? ''
  if (word === '' || /^any[46]?$/i.test(word)) return 'itself'
  const range = cidrRange(objects.literal(word))
  if (range !== undefined) return { sure: [range], possible: [] }
  return endOf(wordReader([word]), objects) ?? 'itself'
}

function byPrecedence(a: Nat, b: Nat): number {
  if (a.isStatic !== b.isStatic) return a.isStatic ? -1 : 1
  const [one, other] = [a, b].map(({ source }) => source.real?.sure ?? [])
  const size = (ranges: readonly AddressRange[] = []): bigint =>
    ranges.reduce((sum, { first, last }) => sum + last - first + 1n, 0n)
  const [lowest, next] = [one?.[0]?.first ?? 0n, other?.[0]?.first ?? 0n]
  if (size(one) !== size(other)) return size(one) < size(other) ? -1 : 1
  if (lowest !== next) return lowest < next ? -1 : 1
  return a.name < b.name ? -1 : 1
}

const asIs = { kind: 'no-translation' } as const

/** Towards the mapped addresses of a static rule, and towards mapped destinations of any rule. */
function incomingRules(nat: Nat): readonly Rule[] {
  const { source, destination, service, real, mapped } = nat
  const rules: Rule[] = []
  if (nat.isStatic) {
    const known = setOf(source.mapped)
    const match: Match = {
      ...placeMatch('in', mapped),
      ...(known !== undefined && { destination: known }),
      ...(destination !== undefined && { source: destination.real }),
      ...serviceMatch(service, 'destinationPorts', service?.mapped),
    }
    const open = source.mapped === 'interface' ? [atInterface] : []
    const action =
      known !== undefined && sameSet(known, source.real) && service === undefined
        ? asIs
        : ({ kind: 'translate', destination: translationTo(source.real, service?.real) } as const)
    rules.push(ruleOf(nat, match, action, open))
  }
  if (destination !== undefined) {
    const match: Match = {
      ...placeMatch('in', real),
      ...(source.real !== undefined && { source: source.real }),
      destination: destination.mapped,
    }
    const action = sameSet(destination.mapped, destination.real)
      ? asIs
      : ({ kind: 'translate', destination: translationTo(destination.real) } as const)
    rules.push(ruleOf(nat, match, action))
  }
  return rules
}

const atInterface: Unknown = { kind: 'place', what: 'the address of an interface, which is mapped to a server' }

/** From the real addresses; and, of a line with a destination, from whoever comes the other way. */
function leavingRules(nat: Nat): readonly Rule[] {
  const { source, destination, service, real, mapped } = nat
  const match: Match = {
    ...placeMatch('in', real),
    ...placeMatch('out', mapped),
    ...(source.real !== undefined && { source: source.real }),
    ...(destination !== undefined && { destination: destination.real }),
    ...serviceMatch(service, 'sourcePorts', service?.real),
  }
  const known = setOf(source.mapped)
  const isSame = source.mapped === 'itself' || (known !== undefined && sameSet(known, source.real))
  const to = source.mapped === 'interface' ? source.mapped : (known?.sure ?? [])
  const rules = [ruleOf(nat, match, isSame ? asIs : { kind: 'translate', source: { to } })]
  if (nat.isStatic && destination !== undefined && !sameSet(destination.mapped, destination.real)) {
    const back: Match = { ...placeMatch('in', mapped), ...placeMatch('out', real), source: destination.real }
    rules.push(ruleOf(nat, back, { kind: 'translate', source: { to: destination.mapped.sure } }))
  }
  return rules
}

function ruleOf({ name, span }: Nat, match: Match, action: Rule['action'], unknowns: readonly Unknown[] = []): Rule {
  return { name, span, match, action, unknowns }
}

function placeMatch(field: 'in' | 'out', place: string | undefined): Match {
  return place === undefined ? {} : { [field]: { names: [place] } }
}

function serviceMatch(
  service: Nat['service'],
  field: 'sourcePorts' | 'destinationPorts',
  ports: readonly NumberRange[] | undefined,
): Match {
  if (service === undefined) return {}
  return {
    protocols: [{ first: service.protocol, last: service.protocol }],
    ...(ports !== undefined && { [field]: ports }),
  }
}

function setOf(mapped: Mapped): Addresses | undefined {
  return typeof mapped === 'string' || 'kind' in mapped ? undefined : mapped
}

function sameSet(a: Addresses | undefined, b: Addresses | undefined): boolean {
  if (a === undefined || b === undefined) return a === b
  const text = ({ sure }: Addresses): string =>
    sure.map(({ family, first, last }) => `${family} ${first} ${last}`).join()
  return a.possible.length === 0 && b.possible.length === 0 && text(a) === text(b)
}

function translationTo(set: Addresses | undefined, ports?: readonly NumberRange[]): Translation {
  const [range] = ports ?? []
  const open = set?.possible[0]?.because
  return {
    ...(set !== undefined && { to: open ?? set.sure }),
    ...(range !== undefined && { ports: range }),
  }
}
