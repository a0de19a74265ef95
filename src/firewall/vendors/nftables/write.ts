import type { AddressRange } from '../../addresses.ts'
import type { Passage } from '../../judged.ts'
import type { Permit } from '../../permit.ts'
import type { Writer } from '../../writer.ts'
import { inFamily, intervalTexts } from '../../writing/addressTexts.ts'
import { dutiesOf } from '../../writing/dutiesOf.ts'
import { nameOf, ownNames, plainText } from '../../writing/plainText.ts'
import { portTexts } from '../../writing/portTexts.ts'
import { ruleComment, wholeComment } from '../../writing/ruleComment.ts'
import type { RuleToWrite, SaidEnd } from '../../writing/rulesToWrite.ts'
import { rulesToWrite } from '../../writing/rulesToWrite.ts'
import { setupDuties } from '../../writing/setupDuties.ts'
import { uncontested } from '../../writing/uncontested.ts'

/** What the kernel takes of a comment (NFTNL_UDATA_COMMENT_MAXLEN). */
const longestComment = 127
/** From so many on, addresses of a rule stand in a set with a name. */
const manyRanges = 5

const platform = { called: 'nftables', says: ['prefixes'] } as const

/** Writes a table of its own for `nft -f`, which can be loaded again and again (nft(8)). */
export const write: Writer = (permits, denials, { site, passage, on }) => {
  const { rules, notSaid } = rulesToWrite(permits, passage, platform)
  const { denials: closed, notSaid: contested } = uncontested(rulesToWrite(denials, passage, platform).rules, rules)
  const ways = passagesOf([...closed, ...rules], passage)
  const again = [...dutiesOf(rules), ...setupDuties(rules, ({ permits: [first] }) => first.flows.join(' '))]
  const table = nameOf(`postern_${site}`, '_', 31)
  const sets = namedSets()
  const chains = ways.map((way) => chainText(way, closed, rules, sets.nameOf))
  const lines = [
    '#!/usr/sbin/nft -f',
    `# What ${plainText(site, 60)} asks of this firewall, as postern plan wrote it on ${plainText(on, 30)}.`,
    '# The table drops what it does not list. Where another table already decides, take its rules over instead.',
    `# ${othersDuty(ways)}`,
    ...again.map((duty) => `# To do again: ${plainText(duty, 1000)}`),
    '',
    // A table that is not there cannot be deleted: it is made first, and the file can be loaded again.
    `table inet ${table}`,
    `delete table inet ${table}`,
    `table inet ${table} {`,
    ...[...sets.texts(), ...chains].flatMap((block, at) => (at === 0 ? block : ['', ...block])),
    '}',
    '',
  ]
  return {
    files: [{ name: `${nameOf(site, '-')}.nft`, text: lines.join('\n') }],
    notSaid: [...notSaid, ...contested],
    duties: [...again, othersDuty(ways)],
  }
}

/** An accept ends the chain and not the hook: the next table at it is asked as well, and its drop counts (nft(8), accept). */
function othersDuty(ways: readonly Passage[]): string {
  const hooks = ways.map((way) => `hook ${way}`).join(' or ')
  return `What another table drops these rules do not let through: see in nft list ruleset that no other chain at ${hooks} drops these flows (firewalld, ufw, containers), or audit all of it: nft -j list ruleset | postern audit - --vendor nftables`
}

/** The passages that rules have, the usual one first and always there. */
function passagesOf(rules: readonly RuleToWrite[], usual: Passage): readonly Passage[] {
  return [...new Set([usual, ...rules.map((rule) => rule.passage)])]
}

type SetName = (end: SaidEnd & { readonly kind: 'prefixes' }, family: 4 | 6, permit: Permit) => string

/** Sets with names, made as rules ask for them; the same addresses are one set. */
function namedSets(): { readonly nameOf: SetName; readonly texts: () => readonly (readonly string[])[] } {
  const known = new Map<string, { readonly name: string; readonly text: readonly string[] }>()
  const own = ownNames(64)
  return {
    nameOf: (end, family, permit) => {
      const elements = intervalTexts(inFamily(end.ranges, family))
      const key = elements.join()
      const before = known.get(key)
      if (before !== undefined) return before.name
      const isTarget = permit.to.ranges.length === end.ranges.length
      const label = end.source === undefined ? (isTarget ? permit.to.label : permit.from.label) : end.source
      const name = own(nameOf(`${nameOf(label, '_', 56)}_v${family}`, '_', 60))
      const about = end.asOf === undefined ? label : `${label}, as of ${end.asOf}`
      known.set(key, {
        name,
        text: [
          `\tset ${name} {`,
          `\t\ttype ipv${family}_addr`,
          '\t\tflags interval',
          `\t\tcomment "${plainText(about, longestComment)}"`,
          '\t\telements = {',
          ...elements.map((element, at) => `\t\t\t${element}${at === elements.length - 1 ? '' : ','}`),
          '\t\t}',
          '\t}',
        ],
      })
      return name
    },
    texts: () => [...known.values()].map(({ text }) => text),
  }
}

function chainText(
  way: Passage,
  closed: readonly RuleToWrite[],
  rules: readonly RuleToWrite[],
  setName: SetName,
): readonly string[] {
  const own = (some: readonly RuleToWrite[]): readonly RuleToWrite[] => some.filter(({ passage }) => passage === way)
  return [
    `\tchain ${way} {`,
    `\t\ttype filter hook ${way} priority filter; policy drop;`,
    '\t\tct state established,related accept',
    ...(way === 'forward' ? [] : machineItself(way)),
    ...own(closed).flatMap((rule) => ruleLines(rule, 'drop', setName)),
    ...own(rules).flatMap((rule) => ruleLines(rule, 'accept', setName)),
    '\t}',
  ]
}

/** Without these a machine does not reach itself, and over IPv6 not even its neighbours (RFC 4861, RFC 4890 §4.4.1). */
function machineItself(way: 'input' | 'output'): readonly string[] {
  const word = way === 'input' ? 'iifname' : 'oifname'
  const neighbours = 'nd-neighbor-solicit, nd-neighbor-advert, nd-router-solicit, nd-router-advert'
  return [
    `\t\t${word} "lo" accept comment "the machine to itself"`,
    `\t\ticmpv6 type { ${neighbours} } accept comment "neighbours over IPv6"`,
  ]
}

function ruleLines(rule: RuleToWrite, does: 'accept' | 'drop', setName: SetName): readonly string[] {
  const { from, to, transport, ports, permits } = rule
  if (from.kind !== 'prefixes' || to.kind !== 'prefixes') return []
  const [permit] = permits
  const lines = ([4, 6] as const).flatMap((family) => {
    const [source, destination] = [from, to].map((end) => inFamily(end.ranges, family))
    if (source === undefined || destination === undefined || source.length === 0 || destination.length === 0) return []
    const ip = family === 4 ? 'ip' : 'ip6'
    const words = [
      `${ip} saddr ${addressWords(from, source, () => setName(from, family, permit))}`,
      `${ip} daddr ${addressWords(to, destination, () => setName(to, family, permit))}`,
      transport === 'icmp' ? `${family === 4 ? 'icmp' : 'icmpv6'} type echo-request` : portWords(transport, ports),
      `${does} comment "${ruleComment(permits, longestComment)}"`,
    ]
    return [`\t\t${words.join(' ')}`]
  })
  const whole = wholeComment(permits)
  // What the kernel's comment has no room for stands above the rule.
  const above = lines.length > 0 && whole !== ruleComment(permits, longestComment) ? [`\t\t# ${whole}`] : []
  return [...above, ...lines]
}

function addressWords(
  { asOf }: SaidEnd & { readonly kind: 'prefixes' },
  ranges: readonly AddressRange[],
  named: () => string,
): string {
  if (asOf !== undefined || ranges.length >= manyRanges) return `@${named()}`
  return oneOrSet(intervalTexts(ranges))
}

function portWords(transport: 'tcp' | 'udp', ports: RuleToWrite['ports']): string {
  return `${transport} dport ${oneOrSet(portTexts(ports))}`
}

function oneOrSet(texts: readonly string[]): string {
  const [only, ...more] = texts
  return only !== undefined && more.length === 0 ? only : `{ ${texts.join(', ')} }`
}
