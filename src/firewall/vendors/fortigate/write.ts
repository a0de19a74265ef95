import type { AddressRange } from '../../addresses.ts'
import type { WriteOptions, Writer } from '../../writer.ts'
import { inFamily, intervalTexts } from '../../writing/addressTexts.ts'
import { dutiesOf } from '../../writing/dutiesOf.ts'
import { endLabels } from '../../writing/endLabels.ts'
import type { OrderedRule } from '../../writing/orderedRules.ts'
import { orderedRules } from '../../writing/orderedRules.ts'
import { placesHolding } from '../../writing/placesHolding.ts'
import { nameOf, ownNames, plainText } from '../../writing/plainText.ts'
import { portTexts } from '../../writing/portTexts.ts'
import { ruleComment } from '../../writing/ruleComment.ts'
import type { SaidEnd } from '../../writing/rulesToWrite.ts'
import { sayableName } from '../../writing/sayableName.ts'
import { setupDuties } from '../../writing/setupDuties.ts'

/** What FortiOS takes of a text. */
const longest = { policyName: 35, policyComment: 1023, objectName: 79, objectComment: 255 } as const

const platform = {
  called: 'FortiOS',
  says: ['names', 'prefixes'],
  takesName: (name: string): boolean => ['exact', 'below'].includes(sayableName(name)?.kind ?? ''),
} as const

/**
 * Writes address objects, groups, services and policies as commands of FortiOS 6.4 and later, in which one policy has both
 * families. Names are objects of type `fqdn`, of which `*.x` learns from the DNS answers that the device sees.
 */
export const write: Writer = (permits, denials, options) => {
  const { rules, notSaid } = orderedRules(permits, denials, options.passage, platform)
  const duties = [
    ...dutiesOf(rules),
    ...setupDuties(
      rules.filter(({ denies }) => !denies),
      ({ id }) => id,
    ),
    ...(rules.some(hasStar) ? [learning] : []),
  ]
  const objects = objectTable(options)
  const policies = rules.flatMap((rule) => policyLines(rule, objects, options))
  const lines = [
    `# What ${plainText(options.site, 60)} asks of this firewall, as postern plan wrote it on ${plainText(options.on, 30)}. FortiOS 6.4 and later.`,
    '# New policies come last: move those that deny before all others, and the rest before a policy that would deny first',
    '# (config firewall policy, move ID before ID). Without central NAT, a policy that leads to the internet needs',
    '# set nat enable; where a virtual IP leads to a machine, the policy has the name of it as dstaddr.',
    ...(rules.some(({ to }) => to.kind === 'names' || (to.kind === 'prefixes' && to.asOf !== undefined))
      ? alternative
      : []),
    ...duties.map((duty) => `# To do: ${plainText(duty, 1000)}`),
    ...objects.lines(),
    'config firewall policy',
    ...policies,
    'end',
  ]
  return {
    files: [{ name: `${nameOf(options.site, '-', 40)}-fortigate.conf`, text: `${lines.join('\n')}\n` }],
    notSaid,
    duties,
  }
}

const alternative = [
  '# In place of names and prefixes a policy can have services of Fortinet (set internet-service enable, set',
  '# internet-service-name, for instance Microsoft-Azure or Microsoft-Office365.Published): they are kept up to date by',
  '# FortiGuard, bring their own ports, and hold far more addresses than these policies.',
]

const learning =
  'Objects with a star know the addresses of the names that the device saw resolved: let the machines resolve through it, ' +
  'and not over TLS or HTTPS'

function hasStar({ to }: OrderedRule): boolean {
  return to.kind === 'names' && to.names.some((name) => name.includes('*'))
}

/** Objects that policies ask for, each made once. */
interface ObjectTable {
  /** The object or group of one end; undefined where the end has nothing in the family. */
  end(end: SaidEnd, label: string, family: 4 | 6): string | undefined
  service(rule: OrderedRule, families: readonly (4 | 6)[]): readonly string[]
  /** A name that no other policy has. */
  policy(wanted: string): string
  lines(): readonly string[]
}

type Settings = readonly string[]

function objectTable({ site }: WriteOptions): ObjectTable {
  const prefix = nameOf(site, '-', 20)
  const blocks = {
    'firewall address': new Map<string, Settings>(),
    'firewall address6': new Map<string, Settings>(),
    'firewall addrgrp': new Map<string, Settings>(),
    'firewall addrgrp6': new Map<string, Settings>(),
    'firewall service custom': new Map<string, Settings>(),
  }
  // One name space for all: a group and an address may not be called alike.
  const own = ownNames(longest.objectName)
  const known = new Map<string, string>()
  const made = (block: keyof typeof blocks, wanted: string, settings: Settings): string => {
    const key = JSON.stringify([block, settings])
    const before = known.get(key)
    if (before !== undefined) return before
    const name = own(`${prefix}-${wanted}`)
    blocks[block].set(name, settings)
    known.set(key, name)
    return name
  }
  const members = (end: SaidEnd, family: 4 | 6): readonly string[] => {
    const block = family === 4 ? 'firewall address' : 'firewall address6'
    if (end.kind !== 'names') {
      return inFamily(end.ranges, family).map((range) => made(block, textOf(range), rangeSettings(range)))
    }
    return end.names.map((name) =>
      made(block, `${name.replace('*', 'any')}${family === 6 ? '-v6' : ''}`, [
        'type fqdn',
        `fqdn ${quoted(name.toLowerCase())}`,
      ]),
    )
  }
  return {
    end(end, label, family) {
      const names = members(end, family)
      const [only, ...more] = names
      if (only === undefined || more.length === 0) return only
      const about =
        end.kind === 'prefixes' && end.asOf !== undefined ? `${end.source ?? label}, as of ${end.asOf}` : label
      return made(family === 4 ? 'firewall addrgrp' : 'firewall addrgrp6', `${nameOf(about, '-', 40)}-v${family}`, [
        `member ${names.map(quoted).join(' ')}`,
        `comment ${quoted(plainText(about, longest.objectComment))}`,
      ])
    },
    service({ transport, ports }, families) {
      if (transport === 'icmp') {
        return families.map((family) =>
          family === 4
            ? made('firewall service custom', 'echo-v4', ['protocol ICMP', 'icmptype 8'])
            : made('firewall service custom', 'echo-v6', ['protocol ICMP6', 'icmptype 128']),
        )
      }
      const texts = portTexts(ports)
      const wanted = `${transport}-${texts.join('_').slice(0, 40)}`
      return [made('firewall service custom', wanted, [`${transport}-portrange ${texts.join(' ')}`])]
    },
    policy: ownNames(longest.policyName),
    lines: () =>
      Object.entries(blocks).flatMap(([block, entries]) =>
        entries.size === 0
          ? []
          : [
              `config ${block}`,
              ...[...entries].flatMap(([name, settings]) => entryLines(quoted(name), settings)),
              'end',
            ],
      ),
  }
}

function entryLines(name: string, settings: Settings): readonly string[] {
  return [`    edit ${name}`, ...settings.map((setting) => `        set ${setting}`), '    next']
}

/** Texts hold letters, digits and `. , : _ / + ( ) * -` alone: nothing in them ends the quotes. */
function quoted(text: string): string {
  return `"${text}"`
}

function textOf(range: AddressRange): string {
  return intervalTexts([range]).join()
}

function rangeSettings(range: AddressRange): Settings {
  const text = textOf(range)
  const [first = '', last] = text.split('-')
  if (last !== undefined) return ['type iprange', `start-ip ${first}`, `end-ip ${last}`]
  const [, length = range.family === 4 ? '32' : '128'] = text.split('/')
  return [
    range.family === 4
      ? `subnet ${text.split('/')[0]} ${maskOf(Number(length))}`
      : `ip6 ${text.split('/')[0]}/${length}`,
  ]
}

function maskOf(length: number): string {
  const mask = length === 0 ? 0 : (0xffffffff << (32 - length)) >>> 0
  return [24, 16, 8, 0].map((shift) => (mask >>> shift) & 0xff).join('.')
}

function policyLines(rule: OrderedRule, objects: ObjectTable, options: WriteOptions): readonly string[] {
  const labels = endLabels(rule)
  const ends = ([4, 6] as const).flatMap((family) => {
    const source = objects.end(rule.from, labels.from, family)
    const destination = source === undefined ? undefined : objects.end(rule.to, labels.to, family)
    return source === undefined || destination === undefined ? [] : [{ family, source, destination }]
  })
  if (ends.length === 0) return []
  const services = objects.service(
    rule,
    ends.map(({ family }) => family),
  )
  return entryLines('0', [
    `name ${quoted(objects.policy(rule.id.slice(0, longest.policyName).replace(/-+$/, '')))}`,
    `srcintf ${placesOf(rule.from, options)}`,
    `dstintf ${placesOf(rule.to, options)}`,
    `action ${rule.denies ? 'deny' : 'accept'}`,
    ...ends.flatMap(({ family, source, destination }) => {
      const six = family === 6 ? '6' : ''
      return [`srcaddr${six} ${quoted(source)}`, `dstaddr${six} ${quoted(destination)}`]
    }),
    'schedule "always"',
    `service ${services.map(quoted).join(' ')}`,
    'logtraffic all',
    `comments ${quoted(ruleComment(rule.permits, longest.policyComment))}`,
  ])
}

/** Interfaces and zones behind which an end is; `any` where nobody knows, or a name is none that a device has. */
function placesOf(end: SaidEnd, { places }: WriteOptions): string {
  const names = end.kind === 'names' ? undefined : placesHolding(end.ranges, places)
  const isSayable = names?.every((name) => /^[\w.-]{1,35}$/.test(name)) === true
  return names !== undefined && isSayable ? names.map(quoted).join(' ') : '"any"'
}
