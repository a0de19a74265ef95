import type { WriteOptions, Writer, WrittenFile } from '../../writer.ts'
import { inFamily, prefixTexts } from '../../writing/addressTexts.ts'
import { dutiesOf } from '../../writing/dutiesOf.ts'
import { endLabels } from '../../writing/endLabels.ts'
import type { OrderedRule } from '../../writing/orderedRules.ts'
import { orderedRules } from '../../writing/orderedRules.ts'
import { placesHolding } from '../../writing/placesHolding.ts'
import { nameOf, ownNames, plainText } from '../../writing/plainText.ts'
import { portTexts } from '../../writing/portTexts.ts'
import { ruleComment, wholeComment } from '../../writing/ruleComment.ts'
import type { SaidEnd } from '../../writing/rulesToWrite.ts'
import { sayableName } from '../../writing/sayableName.ts'
import { setupDuties } from '../../writing/setupDuties.ts'

/** What pfSense takes: names of aliases, and descriptions as its log shows them. */
const longest = { alias: 31, description: 255 } as const

const platform = {
  called: 'pf',
  says: ['names', 'prefixes'],
  takesName: (name: string): boolean => sayableName(name)?.kind === 'exact',
} as const

/**
 * Writes aliases and filter rules as a pfSense configuration has them, and each alias of a list that changes as a text for
 * URL tables too. Names are aliases of type host, which the firewall resolves again and again; names with a star pf
 * cannot say.
 */
export const write: Writer = (permits, denials, options) => {
  const { rules, notSaid } = orderedRules(permits, denials, options.passage, platform)
  const base = nameOf(options.site, '-', 40)
  const aliases = aliasTable(options)
  const elements = rules.flatMap((rule) => ruleElements(rule, aliases, options))
  const feeds = aliases.feeds()
  const duties = [
    ...dutiesOf(rules),
    ...setupDuties(
      rules.filter(({ denies }) => !denies),
      ({ id }) => id,
    ),
    ...(rules.some(({ to }) => to.kind === 'names') ? [resolving] : []),
  ]
  const lines = [
    '<?xml version="1.0"?>',
    '<!--',
    `  What ${xmlText(options.site, 60)} asks of this firewall, as postern plan wrote it on ${xmlText(options.on, 30)}.`,
    '',
    '  A restore of an area replaces all of it. Download a backup of the areas Aliases and Firewall Rules, put these elements',
    '  before the ones that are there, and restore that. OPNsense takes the rules in the same section; its aliases stand in',
    '  OPNsense/Firewall/Alias/aliases, with content in place of address and one value a line, and can be imported as JSON.',
    ...(feeds.length === 0
      ? []
      : [
          '',
          '  Aliases with prefixes of a list stand in text files beside this one as well: on both products an alias of type',
          '  URL Table (IPs) under the same name fetches such a file by itself, from wherever you put it.',
        ]),
    ...duties.flatMap((duty) => ['', `  To do: ${xmlText(duty, 1000)}`]),
    '-->',
    '<pfsense>',
    '  <aliases>',
    ...aliases.lines(),
    '  </aliases>',
    '  <filter>',
    ...elements,
    '  </filter>',
    '</pfsense>',
  ]
  const files: readonly WrittenFile[] = [{ name: `${base}-pfsense.xml`, text: `${lines.join('\n')}\n` }, ...feeds]
  return { files, notSaid, duties }
}

const resolving =
  'The firewall resolves names of aliases every five minutes (System, Advanced, Firewall and NAT): let it ask the servers that ' +
  'the machines ask, since names like these have other addresses elsewhere'

/** Two hyphens end a comment, and those of an option of the command line are two. */
function xmlText(text: string, most: number): string {
  return plainText(text, most)
    .replace(/(?<= )--(?=[a-z])/g, 'option ')
    .replace(/-{2,}/g, '-')
    .replace(/-$/, '')
}

/** Aliases that rules ask for, each made once. */
interface AliasTable {
  address(end: SaidEnd, label: string, family: 4 | 6): string | undefined
  ports(rule: OrderedRule): string
  lines(): readonly string[]
  feeds(): readonly WrittenFile[]
}

interface Alias {
  readonly name: string
  readonly type: 'host' | 'network' | 'port'
  readonly values: readonly string[]
  readonly about: string
  readonly isOfList: boolean
}

function aliasTable({ site, on }: WriteOptions): AliasTable {
  const prefix = nameOf(site, '_', 8)
  const own = ownNames(longest.alias)
  const aliases = new Map<string, Alias>()
  const made = (wanted: string, alias: Omit<Alias, 'name'>): string => {
    const key = JSON.stringify([alias.type, alias.values])
    const before = aliases.get(key)
    if (before !== undefined) return before.name
    const name = own(nameOf(`${prefix}_${wanted}`, '_', longest.alias))
    aliases.set(key, { ...alias, name })
    return name
  }
  return {
    address(end, label, family) {
      const isOfList = end.kind === 'prefixes' && end.asOf !== undefined
      const values =
        end.kind === 'names' ? end.names.map((name) => name.toLowerCase()) : prefixTexts(inFamily(end.ranges, family))
      const [only, ...more] = values
      // A literal that stands in a rule needs no alias; a name needs one.
      if (only === undefined || (end.kind !== 'names' && !isOfList && more.length === 0)) return only
      const about = isOfList ? `${end.source ?? label}, as of ${end.asOf}` : label
      const wanted = end.kind === 'names' ? (more.length === 0 ? only : label) : `${label}_v${family}`
      const type = end.kind === 'names' ? 'host' : 'network'
      return made(wanted, { type, values, about, isOfList })
    },
    ports({ transport, ports }) {
      const [only, ...more] = portTexts(ports, ':')
      if (only !== undefined && more.length === 0) return only.replace(':', '-')
      const values = portTexts(ports, ':')
      return made(`${transport}_${values.join('_')}`, { type: 'port', values, about: 'ports', isOfList: false })
    },
    lines: () =>
      [...aliases.values()].flatMap(({ name, type, values, about }) => [
        '    <alias>',
        `      <name>${name}</name>`,
        `      <type>${type}</type>`,
        `      <address>${values.join(' ')}</address>`,
        `      <descr>${plainText(about, longest.description)}</descr>`,
        '    </alias>',
      ]),
    feeds: () =>
      [...aliases.values()]
        .filter(({ isOfList }) => isOfList)
        .map(({ name, values, about }) => ({
          name: `${name}.txt`,
          text: `${[`# ${plainText(about, 200)}. Written on ${plainText(on, 30)}.`, ...values].join('\n')}\n`,
        })),
  }
}

function ruleElements(rule: OrderedRule, aliases: AliasTable, options: WriteOptions): readonly string[] {
  const { transport, denies, permits } = rule
  const labels = endLabels(rule)
  const interfaces = rule.from.kind === 'names' ? undefined : placesHolding(rule.from.ranges, options.places)
  const isSayable = interfaces?.every((name) => /^[A-Za-z]\w{0,31}$/.test(name)) === true
  const places = interfaces !== undefined && isSayable ? interfaces : ['']
  return places.flatMap((place) =>
    ([4, 6] as const).flatMap((family) => {
      const source = aliases.address(rule.from, labels.from, family)
      const destination = source === undefined ? undefined : aliases.address(rule.to, labels.to, family)
      if (source === undefined || destination === undefined) return []
      const port = transport === 'icmp' ? '' : `<port>${aliases.ports(rule)}</port>`
      const comment = ruleComment(permits, longest.description)
      const whole = wholeComment(permits)
      return [
        // What the description has no room for stands above the rule.
        ...(whole === comment ? [] : [`    <!-- ${xmlText(whole, 2000)} -->`]),
        '    <rule>',
        `      <type>${denies ? 'block' : 'pass'}</type>`,
        ...(place === '' ? floating : [`      <interface>${place}</interface>`]),
        `      <ipprotocol>${family === 4 ? 'inet' : 'inet6'}</ipprotocol>`,
        `      <protocol>${transport}</protocol>`,
        ...(transport === 'icmp' ? ['      <icmptype>echoreq</icmptype>'] : []),
        `      <source><address>${source}</address></source>`,
        `      <destination><address>${destination}</address>${port}</destination>`,
        `      <descr>${comment}</descr>`,
        '    </rule>',
      ]
    }),
  )
}

/** Where nobody says what is behind which interface, a rule is for packets that come in by any of them. */
const floating = ['      <floating>yes</floating>', '      <quick>yes</quick>', '      <direction>in</direction>']
