import type { Addresses } from '../../addresses.ts'
import { addressesOf, everyAddress, unknownAddresses } from '../../addresses.ts'
import type { Match, NumberRange, Rule } from '../../ruleset.ts'
import type { Statements } from '../../text/statements.ts'
import type { Unknown } from '../../unknown.ts'
import { cidrRange } from '../cidrRange.ts'
import type { Line } from '../cisco/blocks.ts'
import { everyProtocol, icmpTypeOf, protocolOf } from '../cisco/portNames.ts'
import type { WordReader } from '../cisco/wordReader.ts'
import { readPorts, wordReader } from '../cisco/wordReader.ts'
import { netmaskRange } from '../netmaskRange.ts'
import type { Objects, Service } from './objects.ts'

/** What lines of an access list are read with. */
export interface ListGround {
  readonly objects: Objects
  /** Addresses of interfaces by name, for `interface outside` as an end. */
  readonly own: (name: string) => Addresses
  readonly statements: Statements
}

/** Lines of one access list: as rules, numbered as the device does. */
export interface AccessList {
  readonly rules: readonly Rule[]
  /** `standard` lists have addresses alone: VPN lists and routing use them. */
  readonly isStandard: boolean
}

/** Reads `access-list NAME …` lines, in their order, by name. */
export function accessListsOf(lines: readonly Line[], ground: ListGround): ReadonlyMap<string, AccessList> {
  const lists = new Map<string, { rules: Rule[]; isStandard: boolean; count: number }>()
  for (const { words, span } of lines) {
    const name = words[1] ?? ''
    const list = lists.get(name) ?? { rules: [], isStandard: false, count: 0 }
    lists.set(name, list)
    const reader = wordReader(words, 2)
    if (reader.take('line')) reader.next()
    const kind = reader.next()?.toLowerCase()
    if (kind === 'remark') {
      ground.statements.understood()
      continue
    }
    list.count += 1
    const called = { name: `${name} line ${list.count}`, span }
    if (kind === 'ethertype' || kind === 'webtype') {
      // Of frames that are no IP, and of pages of the VPN portal.
      ground.statements.understood()
      continue
    }
    list.isStandard ||= kind === 'standard'
    const isNamed = kind === 'extended' || kind === 'standard'
    const action = isNamed ? reader.next()?.toLowerCase() : kind
    const made =
      action !== 'permit' && action !== 'deny'
        ? [unreadRule(called, `"${action ?? ''}" is neither permit nor deny`)]
        : kind === 'standard'
          ? standardRules(reader, called, action, ground)
          : extendedRules(reader, called, action, ground)
    const problem = made.flatMap(({ unknowns }) => unknowns).find((unknown) => unknown.kind === 'unread')
    if (problem === undefined) ground.statements.understood()
    else ground.statements.unread(span, problem.what)
    // A line that is inactive is in the list, and does nothing.
    if (!words.some((word) => word.toLowerCase() === 'inactive')) list.rules.push(...made)
  }
  return lists
}

type Called = Pick<Rule, 'name' | 'span'>

function unreadRule(called: Called, what: string, match: Match = {}): Rule {
  return { ...called, match, action: { kind: 'unknown' }, unknowns: [{ kind: 'unread', what }] }
}

function standardRules(
  words: WordReader,
  called: Called,
  action: 'permit' | 'deny',
  ground: ListGround,
): readonly Rule[] {
  const destination = readEnd(words, ground)
  if (typeof destination === 'string') return [unreadRule(called, destination)]
  return [{ ...called, match: { destination }, action: actionOf(action), unknowns: [] }]
}

function actionOf(word: 'permit' | 'deny'): Rule['action'] {
  return word === 'permit' ? { kind: 'allow' } : { kind: 'drop' }
}

function extendedRules(
  words: WordReader,
  called: Called,
  action: 'permit' | 'deny',
  ground: ListGround,
): readonly Rule[] {
  const services = readServices(words, ground.objects)
  if (typeof services === 'string') return [unreadRule(called, services)]
  const unknowns: Unknown[] = readUsers(words)
  const source = readEnd(words, ground)
  if (typeof source === 'string') return [unreadRule(called, source)]
  const sourcePorts = readServicePorts(words, ground.objects)
  if (typeof sourcePorts === 'string') return [unreadRule(called, sourcePorts, { source })]
  const destination = readEnd(words, ground)
  if (typeof destination === 'string') return [unreadRule(called, destination, { source })]
  const isIcmp = services.some(({ protocol }) => protocol === 1 || protocol === 58)
  const ports = isIcmp ? undefined : readServicePorts(words, ground.objects)
  if (typeof ports === 'string') return [unreadRule(called, ports, { source, destination })]
  const icmp = isIcmp ? readIcmp(words, ground.objects) : []
  if (typeof icmp === 'string') return [unreadRule(called, icmp, { source, destination })]
  unknowns.push(...readEndings(words))
  return services.flatMap((service) => {
    const types = icmp.length > 0 ? icmp : service.icmp === undefined ? [] : [service.icmp]
    const match: Match = {
      ...(service.protocol !== everyProtocol && { protocols: [{ first: service.protocol, last: service.protocol }] }),
      source,
      destination,
      ...portsMatch('sourcePorts', sourcePorts ?? service.sourcePorts),
      ...portsMatch('destinationPorts', ports ?? service.ports),
      ...(types.length > 0 && { icmp: types.map(icmpMatch) }),
    }
    return [{ ...called, match, action: actionOf(action), unknowns }]
  })
}

function portsMatch(field: 'sourcePorts' | 'destinationPorts', ports: readonly NumberRange[] | undefined): Match {
  return ports === undefined ? {} : { [field]: ports }
}

function icmpMatch([type, code]: readonly [number, number?]): NonNullable<Match['icmp']>[number] {
  return { type: { first: type, last: type }, ...(code !== undefined && { code: { first: code, last: code } }) }
}

/** `tcp`, `object-group protocols`, `object https`, or a group of services, which brings its ports with it. */
function readServices(words: WordReader, objects: Objects): readonly Service[] | string {
  if (words.take('object-group')) {
    const name = words.next() ?? ''
    const protocols = objects.protocolGroup(name)
    if (protocols !== undefined) return protocols.map((protocol) => ({ protocol }))
    return objects.serviceGroup(name) ?? `the group ${name} is no group of protocols or services that is understood`
  }
  if (words.take('object')) {
    const name = words.next() ?? ''
    return objects.service(name) ?? `the service object ${name} is not in the file`
  }
  const word = words.next()
  const protocol = protocolOf(word)
  return protocol === undefined ? `"${word ?? ''}" is no protocol` : [{ protocol }]
}

/** Who it is for, before each end: `user CORP\\anna`, `user-group any`, `security-group name servers`. */
function readUsers(words: WordReader): Unknown[] {
  const found: Unknown[] = []
  for (let word = words.peek()?.toLowerCase(); word !== undefined; word = words.peek()?.toLowerCase()) {
    const isGroup = word === 'object-group-user' || word === 'object-group-security'
    const isUser = word === 'user' || word === 'user-group'
    if (!isGroup && !isUser && word !== 'security-group') break
    words.next()
    if (word === 'security-group') words.next()
    const who = words.next() ?? ''
    if (!/^any$/i.test(who)) found.push({ kind: 'user', what: `who it is (${word} ${who})` })
  }
  return found
}

function readEnd(words: WordReader, { objects, own }: ListGround): Addresses | string {
  readUsers(words)
  const word = words.next() ?? ''
  switch (word.toLowerCase()) {
    case 'any':
      return everyAddress()
    case 'any4':
      return everyAddress(4)
    case 'any6':
      return everyAddress(6)
    case 'host': {
      const host = words.next() ?? ''
      const range = cidrRange(objects.literal(host))
      return range === undefined ? `"${host}" is no address` : addressesOf([range])
    }
    case 'object':
      return objects.network(words.next() ?? '')
    case 'object-group':
      return objects.networkGroup(words.next() ?? '')
    case 'interface':
      return own(words.next() ?? '')
    case 'object-group-network-service':
      return unknownAddresses({ kind: 'other', what: `the services of ${words.next() ?? ''}` })
    default: {
      if (word.includes('/')) {
        const range = cidrRange(word)
        return range === undefined ? `"${word}" is no prefix` : addressesOf([range])
      }
      const mask = words.next()
      const range = netmaskRange(objects.literal(word), mask)
      return range === undefined ? `"${word} ${mask ?? ''}" is no network` : addressesOf([range])
    }
  }
}

/** Ports by an operator, or by a group of services whose protocol the line says. */
function readServicePorts(words: WordReader, objects: Objects): readonly NumberRange[] | string | undefined {
  if (words.peek()?.toLowerCase() !== 'object-group') return readPorts(words)
  const name = words.rest()[1] ?? ''
  const services = objects.serviceGroup(name)
  // Behind the source a group may be one of networks: the destination.
  if (services === undefined) return undefined
  words.next()
  words.next()
  return services.flatMap(({ ports }) => ports ?? [])
}

function readIcmp(words: WordReader, objects: Objects): readonly (readonly [number, number?])[] | string {
  if (words.take('object-group')) {
    const name = words.next() ?? ''
    return objects.icmpGroup(name) ?? `the group ${name} of ICMP types is not in the file`
  }
  const type = icmpTypeOf(words.peek() ?? '')
  if (type === undefined) return []
  words.next()
  const code = /^\d{1,3}$/.test(words.peek() ?? '') ? Number(words.next()) : undefined
  return [code === undefined ? type : [type[0], code]]
}

const logWords =
  /^(log|disable|default|interval|\d+|emergencies|alerts|critical|errors|warnings|notifications|informational|debugging|inactive)$/i

/** What stands at the end of a line: logging says nothing, a time range narrows it, anything else is not known. */
function readEndings(words: WordReader): readonly Unknown[] {
  const found: Unknown[] = []
  for (let word = words.next(); word !== undefined; word = words.next()) {
    if (word.toLowerCase() === 'time-range')
      found.push({ kind: 'time', what: `the time (time-range ${words.next() ?? ''})` })
    else if (!logWords.test(word)) found.push({ kind: 'unread', what: `"${word}" is not known at the end of a line` })
  }
  return found
}
