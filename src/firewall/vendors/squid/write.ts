import { mergedNumbers, numbersWithout, one } from '../../numberRanges.ts'
import type { NotPermitted, Permit } from '../../permit.ts'
import type { NumberRange } from '../../ruleset.ts'
import type { WriteOptions, Writer, WrittenFile } from '../../writer.ts'
import { intervalTexts } from '../../writing/addressTexts.ts'
import { dutiesOf } from '../../writing/dutiesOf.ts'
import type { OrderedRule } from '../../writing/orderedRules.ts'
import { orderedRules } from '../../writing/orderedRules.ts'
import { nameOf, ownNames, plainText } from '../../writing/plainText.ts'
import { portTexts } from '../../writing/portTexts.ts'
import { wholeComment } from '../../writing/ruleComment.ts'
import type { SaidEnd } from '../../writing/rulesToWrite.ts'
import { sayableName } from '../../writing/sayableName.ts'
import { setupDuties } from '../../writing/setupDuties.ts'

/** Values of an acl on one line: squid reads lines of 8 KiB, and adds up those of one name. */
const mostOnLine = 20
/** Squid cuts the name of an acl at 63 characters. */
const longestName = 63

const platform = {
  called: 'squid',
  says: ['names', 'prefixes'],
  takesName: (name: string): boolean => ['exact', 'below'].includes(sayableName(name)?.kind ?? ''),
} as const

/**
 * Writes acls and `http_access` lines, to be included before the site's own. `*.x` is said by an expression, since
 * `dstdomain .x` stands for `x` as well; `-n` keeps an address from being taken for the name that somebody else's reverse
 * record gives it. What must not be opened stands in a file of its own for `ssl_bump`, and ports that `SSL_ports` and
 * `Safe_ports` usually lack in a third one, since they widen what the site's other lines allow.
 */
export const write: Writer = (permits, denials, options) => {
  const overTcp = permits.filter(({ transport }) => transport === 'tcp')
  const [tunnels, plain] = (['connect', 'plain'] as const).map((request) =>
    orderedRules(
      overTcp.filter((permit) => permit.request === request),
      [],
      options.passage,
      platform,
    ),
  )
  const allowed = [...(tunnels?.rules ?? []), ...(plain?.rules ?? [])]
  const closed = orderedRules(
    overTcp,
    denials.filter(({ transport }) => transport === 'tcp'),
    options.passage,
    platform,
  ).rules.filter(({ denies }) => denies)
  const rules = [...closed, ...allowed]
  const base = nameOf(options.site, '-', 40)
  const splice = spliceText(allowed, options)
  const ports = portsText(allowed, options)
  const files: readonly WrittenFile[] = [
    { name: `${base}-access.conf`, text: accessText(rules, base, ports !== undefined, options) },
    ...(splice === undefined ? [] : [{ name: `${base}-not-opened.conf`, text: splice }]),
    ...(ports === undefined ? [] : [{ name: `${base}-ports.conf`, text: ports }]),
  ]
  const notSaid = [
    ...permits.filter(({ transport }) => transport !== 'tcp').flatMap(notOverTcp),
    ...(tunnels?.notSaid ?? []),
    ...(plain?.notSaid ?? []),
  ]
  return { files, notSaid, duties: [...dutiesOf(rules), ...setupDuties(allowed, ({ id }) => id)] }
}

function notOverTcp({ id, flows, transport }: Permit): readonly NotPermitted[] {
  const why = `squid passes on TCP, and this is ${transport === 'udp' ? 'UDP' : 'ICMP'}`
  return flows.map((flow) => ({ flow, permit: id, why, instead: 'let it pass at the firewalls on its way' }))
}

function comment(text: string): string {
  return `# ${plainText(text, 2000)}`
}

function headOf(about: string, { site, on }: WriteOptions): readonly string[] {
  return [comment(`${plainText(site, 60)}: ${about}, as postern plan wrote it on ${plainText(on, 30)}.`)]
}

function accessText(rules: readonly OrderedRule[], base: string, hasPorts: boolean, options: WriteOptions): string {
  const prefix = nameOf(options.site, '_', 12)
  const tunnel = `${prefix}_tunnel`
  const own = ownNames(longestName - '_ports'.length)
  const lines = [
    ...headOf('what has to pass the proxy and what must not', options),
    '# Include it before the first http_access line of squid.conf: the first line that fits decides.',
    ...(hasPorts
      ? [
          '# Where it cannot stand before "http_access deny CONNECT !SSL_ports", which lets tunnels to 443 pass alone,',
          `# include ${base}-ports.conf as well.`,
        ]
      : []),
    `acl ${tunnel} method CONNECT`,
    ...rules.flatMap((rule) => {
      const name = own(`${prefix}_${rule.id.replaceAll('-', '_')}`.slice(0, longestName - 10))
      return ['', ...accessLines(rule, name, tunnel)]
    }),
  ]
  return `${lines.join('\n')}\n`
}

function accessLines(rule: OrderedRule, name: string, tunnel: string): readonly string[] {
  const { from, to, ports, request, denies } = rule
  const way = denies ? [] : [request === 'connect' ? tunnel : `!${tunnel}`]
  const guard = [...way, `${name}_from`, `${name}_ports`]
  const targets = targetsOf(to)
  return [
    comment(wholeComment(rule.permits)),
    ...(from.kind === 'names' ? [] : aclLines(`${name}_from`, 'src', intervalTexts(from.ranges))),
    ...aclLines(`${name}_ports`, 'port', portTexts(ports)),
    ...targets.flatMap(({ ending, type, values }) => aclLines(`${name}_${ending}`, type, values)),
    ...targets.map(
      ({ ending }) => `http_access ${denies ? 'deny' : 'allow'} ${[...guard, `${name}_${ending}`].join(' ')}`,
    ),
  ]
}

interface Target {
  readonly ending: 'to' | 'name' | 'below'
  readonly type: string
  readonly values: readonly string[]
}

function targetsOf(to: SaidEnd): readonly Target[] {
  if (to.kind !== 'names') return [{ ending: 'to', type: 'dst', values: intervalTexts(to.ranges) }]
  const names = to.names.flatMap((name) => sayableName(name) ?? [])
  const exact = names.flatMap(({ kind, name }) => (kind === 'exact' ? [name] : []))
  const below = names.flatMap(({ kind, name }) => (kind === 'below' ? [`\\.${name.replaceAll('.', '\\.')}$`] : []))
  return [
    ...(exact.length > 0 ? [{ ending: 'name', type: 'dstdomain -n', values: exact } as const] : []),
    ...(below.length > 0 ? [{ ending: 'below', type: 'dstdom_regex -n -i', values: below } as const] : []),
  ]
}

function aclLines(name: string, type: string, values: readonly string[]): readonly string[] {
  return Array.from(
    { length: Math.ceil(values.length / mostOnLine) },
    (_, at) => `acl ${name} ${type} ${values.slice(at * mostOnLine, (at + 1) * mostOnLine).join(' ')}`,
  )
}

/** Names that TLS is spoken with from end to end, for a squid that opens TLS. */
function spliceText(rules: readonly OrderedRule[], options: WriteOptions): string | undefined {
  const prefix = nameOf(options.site, '_', 12)
  const names = rules
    .filter(({ request }) => request === 'connect')
    .flatMap(({ to }) => (to.kind === 'names' ? to.names : []))
    .flatMap((name) => sayableName(name) ?? [])
    .map(({ kind, name }) => `${kind === 'below' ? '.' : ''}${name}`)
  if (names.length === 0) return undefined
  const distinct = [...new Set(names)].toSorted()
  // Squid complains of a name beside one that it is below.
  const least = distinct.filter((name) => !distinct.some((other) => other !== name && isBelow(name, other)))
  const lines = [
    ...headOf('names of which squid must not open TLS', options),
    '# Only for a squid that opens TLS (http_port with ssl-bump). Include it before the first ssl_bump line: the name is read',
    '# from the first message of the client, and the connection is led through as it is.',
    `acl ${prefix}_first_step at_step SslBump1`,
    ...aclLines(`${prefix}_not_opened`, 'ssl::server_name', least),
    `ssl_bump peek ${prefix}_first_step`,
    `ssl_bump splice ${prefix}_not_opened`,
  ]
  return `${lines.join('\n')}\n`
}

function isBelow(name: string, parent: string): boolean {
  return parent.startsWith('.') && `.${name.replace(/^\./, '')}`.endsWith(parent)
}

/** What squid.conf has when it is installed. */
const usualTunnels: readonly NumberRange[] = [one(443)]
const usualPorts: readonly NumberRange[] = [
  ...[21, 70, 80, 210, 280, 443, 488, 591, 777].map(one),
  { first: 1025, last: 65_535 },
]

/** What people ask of ports that are not the usual ones. */
const knownPorts: readonly (readonly [NumberRange, string])[] = [
  [one(5671), 'AMQP over TLS, by which agents can speak to Service Bus'],
  [one(8443), 'a port of an application of the site itself: no service of Entra asks for it'],
]

function portsText(rules: readonly OrderedRule[], options: WriteOptions): string | undefined {
  const beyond = (some: readonly OrderedRule[], usual: readonly NumberRange[]): readonly NumberRange[] =>
    numbersWithout(mergedNumbers(some.flatMap(({ ports }) => ports)), usual)
  const tunnels = beyond(
    rules.filter(({ request }) => request === 'connect'),
    usualTunnels,
  )
  const others = beyond(rules, usualPorts)
  if (tunnels.length + others.length === 0) return undefined
  const told = knownPorts.filter(([port]) =>
    tunnels.some(({ first, last }) => first <= port.first && port.last <= last),
  )
  const lines = [
    ...headOf('ports that the usual squid.conf refuses', options),
    '# Needed only where the access lines cannot stand before "http_access deny CONNECT !SSL_ports". Include it before that',
    '# line. Every client that a later line allows may then ask for these ports too.',
    ...told.map(([{ first }, what]) => comment(`${first}: ${what}.`)),
    ...aclLines('SSL_ports', 'port', portTexts(tunnels)),
    ...aclLines('Safe_ports', 'port', portTexts(others)),
  ]
  return `${lines.join('\n')}\n`
}
