import { formatAddress } from '../../../model/cidr.ts'
import type { AddressRange } from '../../addresses.ts'
import type { NumberRange } from '../../ruleset.ts'
import type { WriteOptions, Writer } from '../../writer.ts'
import { cidrTexts, inFamily, intervalTexts } from '../../writing/addressTexts.ts'
import { dutiesOf } from '../../writing/dutiesOf.ts'
import { endLabels } from '../../writing/endLabels.ts'
import type { OrderedRule } from '../../writing/orderedRules.ts'
import { orderedRules } from '../../writing/orderedRules.ts'
import { nameOf, ownNames, plainText } from '../../writing/plainText.ts'
import { portTexts } from '../../writing/portTexts.ts'
import { wholeComment } from '../../writing/ruleComment.ts'
import type { SaidEnd } from '../../writing/rulesToWrite.ts'
import { sayableName } from '../../writing/sayableName.ts'
import { setupDuties } from '../../writing/setupDuties.ts'
import { wrappedText } from '../../writing/wrappedText.ts'

/** What ASA takes of names and texts. */
const longest = { object: 64, remark: 100, description: 200 } as const

const platform = {
  called: 'an ASA',
  says: ['names', 'prefixes'],
  takesName: (name: string): boolean => sayableName(name)?.kind === 'exact',
} as const

/**
 * Writes objects, groups and an access list for ASA 9.0 and later, in which one list has both families. It is bound
 * globally: lists of interfaces are asked before it and stay as they are. Names are `fqdn` objects; names with a star an ASA
 * cannot say.
 */
export const write: Writer = (permits, denials, options) => {
  const { rules, notSaid } = orderedRules(permits, denials, options.passage, platform)
  const allows = rules.filter(({ denies }) => !denies)
  const duties = [
    ...dutiesOf(rules),
    ...setupDuties(allows, ({ id }) => id),
    ...(rules.some(({ to }) => to.kind === 'names') ? [resolving] : []),
    ...(rules.some(({ transport }) => transport === 'icmp') ? [inspecting] : []),
  ]
  const list = `${nameOf(options.site, '-', 40)}-postern`
  const objects = objectTable(options)
  const entries = rules.flatMap((rule) => entryLines(rule, list, objects))
  const lines = [
    `! What ${plainText(options.site, 60)} asks of this firewall, as postern plan wrote it on ${plainText(options.on, 30)}. ASA 9.0 and later.`,
    '! The list is global: it is asked after the lists of the interfaces, which then no longer end in a denial of their own,',
    '! and behind it everything is denied, between interfaces without a list as well. Where a global list is there already,',
    '! or an interface has a list that ends in deny ip any any, put these lines into that list instead.',
    ...duties.map((duty) => `! To do: ${plainText(duty, 1000)}`),
    ...objects.lines(),
    ...entries,
    ...(entries.length > 0 ? [`access-group ${list} global`] : []),
  ]
  return {
    files: [{ name: `${nameOf(options.site, '-', 40)}-asa.cfg`, text: `${lines.join('\n')}\n` }],
    notSaid,
    duties,
  }
}

const resolving =
  'Objects of type fqdn pass nothing until the ASA resolves names (dns domain-lookup INTERFACE, dns server-group): let it ask ' +
  'the servers that the machines ask, since names like these have other addresses elsewhere and every few minutes'

const inspecting = 'Answers to echo requests come back only where ICMP is inspected (inspect icmp in the policy map)'

/** Objects and groups that the list asks for, each made once. */
interface ObjectTable {
  /** Words of one end of a line: `host 10.1.0.10`, `object NAME`, `object-group NAME`. */
  end(end: SaidEnd, label: string, family: 4 | 6): string | undefined
  ports(transport: 'tcp' | 'udp', ports: readonly NumberRange[]): string
  lines(): readonly string[]
}

function objectTable({ site }: WriteOptions): ObjectTable {
  const prefix = nameOf(site, '-', 16)
  const own = ownNames(longest.object)
  const blocks = new Map<string, readonly string[]>()
  const made = (kind: string, wanted: string, below: readonly string[], over = ''): string => {
    const key = JSON.stringify([kind, over, below])
    const before = names.get(key)
    if (before !== undefined) return before
    const name = own(`${prefix}-${wanted}`)
    blocks.set(`${kind} ${name}${over}`, below)
    names.set(key, name)
    return name
  }
  const names = new Map<string, string>()
  const nameObjects = (wanted: readonly string[], family: 4 | 6): readonly string[] =>
    wanted.map(
      (name) => `object ${made('object network', `${name}-v${family}`, [`fqdn v${family} ${name.toLowerCase()}`])}`,
    )
  /** A range that is no prefix needs an object of its own. */
  const rangeWords = (range: AddressRange): string =>
    prefixWords(range) ??
    `object ${made('object network', intervalTexts([range]).join().replaceAll(':', '-'), [`range ${endsOf(range).join(' ')}`])}`
  return {
    end(end, label, family) {
      const words = end.kind === 'names' ? nameObjects(end.names, family) : inFamily(end.ranges, family).map(rangeWords)
      const [only, ...more] = words
      if (only === undefined || more.length === 0) return only
      const about =
        end.kind === 'prefixes' && end.asOf !== undefined ? `${end.source ?? label}, as of ${end.asOf}` : label
      const said = plainText(about, longest.description)
      const group = made('object-group network', `${nameOf(about, '-', 36)}-v${family}`, [
        ...(said === '' ? [] : [`description ${said}`]),
        ...words.map((word) => `network-object ${word}`),
      ])
      return `object-group ${group}`
    },
    ports(transport, ports) {
      const [only, ...more] = ports
      if (only !== undefined && more.length === 0) return portWords(only)
      const texts = portTexts(ports).join('-').slice(0, 36)
      return `object-group ${made(
        'object-group service',
        `${transport}-${texts}`,
        ports.map((port) => `port-object ${portWords(port)}`),
        ` ${transport}`,
      )}`
    },
    lines: () => [...blocks].flatMap(([head, below]) => [head, ...below.map((line) => ` ${line}`)]),
  }
}

/** `host 10.1.0.10`, `10.1.0.0 255.255.0.0`, `2001:db8::/32`; undefined where the range is no prefix. */
function prefixWords(range: AddressRange): string | undefined {
  const [text = '', ...more] = cidrTexts([range])
  const [address = '', length = ''] = text.split('/')
  if (more.length > 0) return undefined
  if (range.first === range.last) return `host ${address}`
  return range.family === 6 ? text : `${address} ${maskOf(Number(length))}`
}

function maskOf(length: number): string {
  const value = length === 0 ? 0n : (0xffffffffn << BigInt(32 - length)) & 0xffffffffn
  return formatAddress({ family: 4, value })
}

function endsOf({ family, first, last }: AddressRange): readonly string[] {
  return [first, last].map((value) => formatAddress({ family, value }))
}

function portWords({ first, last }: NumberRange): string {
  return first === last ? `eq ${first}` : `range ${first} ${last}`
}

function entryLines(rule: OrderedRule, list: string, objects: ObjectTable): readonly string[] {
  const { transport, ports, denies, permits } = rule
  const labels = endLabels(rule)
  const does = denies ? 'deny' : 'permit'
  const entries = ([4, 6] as const).flatMap((family) => {
    const source = objects.end(rule.from, labels.from, family)
    const destination = source === undefined ? undefined : objects.end(rule.to, labels.to, family)
    if (source === undefined || destination === undefined) return []
    const [protocol, end] =
      transport === 'icmp'
        ? family === 4
          ? ['icmp', 'echo']
          : ['icmp6', '128']
        : [transport, objects.ports(transport, ports)]
    return [`access-list ${list} extended ${does} ${protocol} ${source} ${destination} ${end}`]
  })
  if (entries.length === 0) return []
  const remarks = wrappedText(wholeComment(permits), longest.remark)
  return [...remarks.map((line) => `access-list ${list} remark ${line}`), ...entries]
}
