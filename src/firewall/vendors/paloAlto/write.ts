import type { AddressRange } from '../../addresses.ts'
import type { Permit } from '../../permit.ts'
import type { WriteOptions, Writer, WrittenFile } from '../../writer.ts'
import { inFamily, intervalTexts } from '../../writing/addressTexts.ts'
import { dutiesOf } from '../../writing/dutiesOf.ts'
import type { OrderedRule } from '../../writing/orderedRules.ts'
import { orderedRules } from '../../writing/orderedRules.ts'
import { placesHolding } from '../../writing/placesHolding.ts'
import { nameOf, ownNames, plainText } from '../../writing/plainText.ts'
import { portTexts } from '../../writing/portTexts.ts'
import { ruleComment } from '../../writing/ruleComment.ts'
import type { SaidEnd } from '../../writing/rulesToWrite.ts'
import { sayableName } from '../../writing/sayableName.ts'
import { setupDuties } from '../../writing/setupDuties.ts'

/** What PAN-OS takes of names and texts. */
const longest = { name: 63, category: 31, description: 1023 } as const

/** Names with a star are looked for in what HTTP and TLS ask for: over UDP there is nothing to look into. */
const platform = {
  called: 'PAN-OS',
  says: ['names', 'prefixes'],
  takesName: (name: string, { transport }: Permit): boolean => {
    const kind = sayableName(name)?.kind
    return kind === 'exact' || (kind === 'below' && transport === 'tcp')
  },
} as const

/**
 * Writes `set` commands: address objects, services, custom URL categories and security rules. A name is an address object
 * of type `fqdn`; names with a star are a URL category, which stands as a list for an external dynamic list in a file of its
 * own as well.
 */
export const write: Writer = (permits, denials, options) => {
  const { rules, notSaid } = orderedRules(permits, denials, options.passage, platform)
  const objects = objectTable(options)
  const commands = rules.flatMap((rule) => ruleCommands(rule, objects, options))
  const base = nameOf(options.site, '-', 40)
  const duties = [
    ...dutiesOf(rules),
    ...setupDuties(
      rules.filter(({ denies }) => !denies),
      ({ id }) => id,
    ),
    ...(rules.some(hasExact) ? [resolving] : []),
    ...(objects.patterns().length > 0 ? [byCategory] : []),
    `Load ${base}-palo-alto-zones.txt when what stays within one zone has rules as well: until then PAN-OS lets all of it pass`,
  ]
  const lines = [
    `# What ${plainText(options.site, 60)} asks of this firewall, as postern plan wrote it on ${plainText(options.on, 30)}. For configure mode; of a`,
    '# Panorama put device-group NAME pre-rulebase in place of rulebase, and device-group NAME before objects.',
    '# New rules come last: move those that deny to the top (move rulebase security rules NAME top), and the rest before a rule',
    '# that would deny first. Addresses are those before NAT, zones those after it: where NAT leads to a machine, its rule has',
    '# the address that is asked from outside. Applications are any: ports and names are what was asked for.',
    ...duties.map((duty) => `# To do: ${plainText(duty, 1000)}`),
    ...objects.lines(),
    ...commands,
  ]
  const closing = [
    '# Within one zone PAN-OS lets pass what no rule denies. With this rule the others are all that passes: load it once what',
    '# the machines of a zone need among themselves has rules as well. That nothing else passes is proven together with it.',
    'set rulebase default-security-rules rules intrazone-default action deny',
    'set rulebase default-security-rules rules intrazone-default log-end yes',
  ]
  const files: readonly WrittenFile[] = [
    { name: `${base}-palo-alto.txt`, text: `${lines.join('\n')}\n` },
    { name: `${base}-palo-alto-zones.txt`, text: `${closing.join('\n')}\n`, proven: true },
    ...(objects.patterns().length > 0
      ? [{ name: `${base}-urls.txt`, text: `${objects.patterns().join('\n')}\n` }]
      : []),
  ]
  return { files, notSaid, duties }
}

const resolving =
  'Address objects of type fqdn have what the firewall itself resolves (Device, Setup, Services): let it ask the servers that ' +
  'the machines ask, since names like these have other addresses elsewhere and every few minutes'

const byCategory =
  'Rules with a URL category need the name to be seen: the first packets of a connection to any address pass on their ports until ' +
  'TLS or HTTP has said it, and more where the rule below would allow it'

function hasExact({ to }: OrderedRule): boolean {
  return to.kind === 'names' && to.names.some((name) => !name.includes('*'))
}

/** Objects that rules ask for, each made once. */
interface ObjectTable {
  readonly tag: string
  /** The objects of one end; none where it has nothing. */
  addresses(end: SaidEnd, label: string): readonly string[]
  category(names: readonly string[], label: string): string
  service(rule: OrderedRule): string
  /** A name that no other rule has. */
  rule(wanted: string): string
  lines(): readonly string[]
  /** What URL categories have, for an external dynamic list of URLs. */
  patterns(): readonly string[]
}

function objectTable({ site }: WriteOptions): ObjectTable {
  const prefix = nameOf(site, '-', 16)
  const tag = `${prefix}-postern`
  const own = ownNames(longest.name)
  const ownCategory = ownNames(longest.category)
  const lines: string[] = [`set tag ${tag} comments ${quoted('Written by postern plan')}`]
  const known = new Map<string, string>()
  const patterns = new Set<string>()
  const made = (kind: string, wanted: string, settings: readonly string[], naming = own): string => {
    const key = JSON.stringify([kind, settings])
    const before = known.get(key)
    if (before !== undefined) return before
    const name = naming(`${prefix}-${wanted.replace(/[^A-Za-z0-9._-]/g, '_')}`)
    known.set(key, name)
    lines.push(...settings.map((setting) => `set ${kind} ${name} ${setting}`))
    return name
  }
  const address = (range: AddressRange): string => {
    const text = intervalTexts([range]).join()
    return made('address', text, [`${text.includes('-') ? 'ip-range' : 'ip-netmask'} ${text}`])
  }
  return {
    tag,
    addresses(end, label) {
      if (end.kind === 'names') {
        return end.names.map((name) => made('address', name, [`fqdn ${name.toLowerCase()}`]))
      }
      const names = end.ranges.map(address)
      if (names.length < 4) return names
      const about =
        end.kind === 'prefixes' && end.asOf !== undefined ? `${end.source ?? label}, as of ${end.asOf}` : label
      return [
        made('address-group', nameOf(about, '-', 40), [
          `static ${listed(names)}`,
          `description ${quoted(plainText(about, longest.description))}`,
        ]),
      ]
    },
    category(names, label) {
      // Without the slash it would fit the beginning of a longer name too.
      const urls = names.map((name) => `${name.toLowerCase()}/`)
      for (const url of urls) patterns.add(url)
      return made(
        'profiles custom-url-category',
        nameOf(label.replaceAll('*', 'any'), '-', 20),
        [`type ${quoted('URL List')}`, `list ${listed(urls)}`],
        ownCategory,
      )
    },
    service({ transport, ports }) {
      const texts = portTexts(ports)
      return made('service', `${transport}-${texts.join('_').slice(0, 40)}`, [
        `protocol ${transport} port ${texts.join(',')}`,
      ])
    },
    rule: ownNames(longest.name),
    lines: () => lines,
    patterns: () => [...patterns].toSorted(),
  }
}

/** Texts hold letters, digits and `. , : _ / + ( ) * -` alone: nothing in them ends the quotes. */
function quoted(text: string): string {
  return `"${text}"`
}

function listed(words: readonly string[]): string {
  return words.length === 1 ? (words[0] ?? '') : `[ ${words.join(' ')} ]`
}

function ruleCommands(rule: OrderedRule, objects: ObjectTable, options: WriteOptions): readonly string[] {
  const [{ to }] = rule.permits
  if (rule.to.kind !== 'names') {
    const families = ([4, 6] as const).filter((family) => isIn(rule.from, family) && isIn(rule.to, family))
    const [first, ...more] = families
    if (first === undefined) return []
    const only = more.length > 0 ? undefined : first
    return commandsOf(rule, objects, options, {
      destination: objects.addresses(ofFamily(rule.to, only), to.label),
      only,
    })
  }
  const said = rule.to.names.flatMap((name) => sayableName(name) ?? [])
  const exact = said.flatMap(({ kind, name }) => (kind === 'exact' ? [name] : []))
  const below = said.flatMap(({ kind, name }) => (kind === 'below' ? [`*.${name}`] : []))
  return [
    ...(exact.length === 0
      ? []
      : commandsOf(rule, objects, options, {
          destination: objects.addresses({ kind: 'names', names: exact }, to.label),
        })),
    ...(below.length === 0
      ? []
      : commandsOf(rule, objects, options, {
          destination: ['any'],
          category: objects.category(below, below[0] ?? ''),
        })),
  ]
}

interface Where {
  readonly destination: readonly string[]
  readonly category?: string
  /** The one family that both ends have. */
  readonly only?: 4 | 6 | undefined
}

function isIn(end: SaidEnd, family: 4 | 6): boolean {
  return end.kind === 'names' || inFamily(end.ranges, family).length > 0
}

function ofFamily(end: SaidEnd, only: 4 | 6 | undefined): SaidEnd {
  return end.kind === 'names' || only === undefined ? end : { ...end, ranges: inFamily(end.ranges, only) }
}

function commandsOf(
  rule: OrderedRule,
  objects: ObjectTable,
  options: WriteOptions,
  { destination, category, only }: Where,
): readonly string[] {
  const { transport, denies, permits } = rule
  const [{ from }] = permits
  const source = ofFamily(rule.from, only)
  const isEcho = transport === 'icmp'
  const settings = [
    `from ${zonesOf(source, options)}`,
    `to ${category === undefined ? zonesOf(ofFamily(rule.to, only), options) : 'any'}`,
    `source ${listed(objects.addresses(source, from.label))}`,
    `destination ${listed(destination)}`,
    ...(category === undefined ? [] : [`category ${category}`]),
    `application ${isEcho ? '[ ping ping6 ]' : 'any'}`,
    `service ${isEcho ? 'application-default' : objects.service(rule)}`,
    `action ${denies ? 'deny' : 'allow'}`,
    'log-end yes',
    `tag ${objects.tag}`,
    `description ${quoted(ruleComment(permits, longest.description))}`,
  ]
  const name = objects.rule(rule.id)
  return settings.map((setting) => `set rulebase security rules ${name} ${setting}`)
}

/** Zones behind which an end is; `any` where nobody knows, or the site has the names of interfaces. */
function zonesOf(end: SaidEnd, { places }: WriteOptions): string {
  const names = end.kind === 'names' ? undefined : placesHolding(end.ranges, places)
  const isZone = (name: string): boolean =>
    /^[A-Za-z0-9_][\w.-]{0,30}$/.test(name) && !/^(ethernet|ae|vlan|loopback|tunnel)[\d./]+$/.test(name)
  return names?.every(isZone) === true ? listed(names) : 'any'
}
