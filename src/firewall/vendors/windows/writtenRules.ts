import type { AddressRange } from '../../addresses.ts'
import { intervalTexts } from '../../writing/addressTexts.ts'
import type { HostRule } from '../../writing/hostRules.ts'
import { rangesOfEnd } from '../../writing/hostRules.ts'
import { nameOf, plainText } from '../../writing/plainText.ts'
import { portTexts } from '../../writing/portTexts.ts'
import { ruleComment } from '../../writing/ruleComment.ts'

/** A rule with its filters, as an export of the cmdlets joins them; what is `Any` or `NotRequired` asks nothing. */
export interface WrittenRule {
  readonly Name: string
  readonly DisplayName: string
  readonly Description: string
  readonly Group: string
  readonly Enabled: 'True'
  readonly Profile: 'Any'
  readonly Direction: 'Inbound' | 'Outbound'
  readonly Action: 'Allow' | 'Block'
  readonly Protocol: 'TCP' | 'UDP' | 'ICMPv4' | 'ICMPv6'
  readonly IcmpType: 'Any' | '8' | '128'
  readonly LocalAddress: readonly string[]
  readonly RemoteAddress: readonly string[]
  readonly LocalPort: readonly string[]
  readonly RemotePort: readonly string[]
  readonly RemoteDynamicKeywordAddresses: readonly string[]
}

/** A name whose addresses Windows fills in while it runs. */
export interface WrittenKeyword {
  readonly Id: string
  readonly Keyword: string
  readonly AutoResolve: true
}

/** Addresses of one rule at most; a rule is at most some tens of thousands of characters long in a policy. */
const mostAddresses = 1000
/** Characters of a description: FW_RULE takes less than 10,000 (MS-FASP §2.2.37). */
const longestDescription = 1000

/** The group that rules of a site are in, by which they are found and taken away again. */
export function groupOf(site: string): string {
  return `Postern ${nameOf(site, '-', 60)}`
}

/** The first part of the ids of a site's keywords. */
export function keywordPrefix(site: string): string {
  return hex(groupOf(site), 0)
}

export function writtenRules(rules: readonly HostRule[], site: string): readonly WrittenRule[] {
  return rules.flatMap((rule) => rowsOf(rule, site))
}

/** Each name of the rules once. */
export function writtenKeywords(rules: readonly HostRule[], site: string): readonly WrittenKeyword[] {
  const names = rules.flatMap(({ far }) => (far.kind === 'names' ? far.names : []))
  return [...new Set(names)].map((Keyword) => ({ Id: keywordId(Keyword, site), Keyword, AutoResolve: true }))
}

function rowsOf(rule: HostRule, site: string): readonly WrittenRule[] {
  const isInput = rule.passage === 'input'
  const ports = portTexts(rule.ports)
  const base = {
    Description: ruleComment(rule.permits, longestDescription),
    Group: groupOf(site),
    Enabled: 'True',
    Profile: 'Any',
    Direction: isInput ? 'Inbound' : 'Outbound',
    Action: rule.isDenial ? 'Block' : 'Allow',
    LocalPort: isInput && ports.length > 0 ? ports : ['Any'],
    RemotePort: isInput || ports.length === 0 ? ['Any'] : ports,
    RemoteDynamicKeywordAddresses: rule.far.kind === 'names' ? rule.far.names.map((name) => keywordId(name, site)) : [],
  } as const
  const variants = variantsOf(rule)
  return variants.map(({ Protocol, IcmpType, local, remote }, at): WrittenRule => {
    const id = variants.length === 1 ? rule.id : `${rule.id}-${at + 1}`
    return {
      Name: `postern-${nameOf(site, '-', 60)}-${id}`,
      DisplayName: plainText(`${groupOf(site)} ${id}`, 200),
      ...base,
      Protocol,
      IcmpType,
      LocalAddress: local,
      RemoteAddress: remote,
    }
  })
}

interface Variant extends Pick<WrittenRule, 'Protocol' | 'IcmpType'> {
  readonly local: readonly string[]
  readonly remote: readonly string[]
}

/** One for each family of ICMP, and for each part of a long list. */
function variantsOf({ transport, near, far }: HostRule): readonly Variant[] {
  const partsIn = (family: 4 | 6 | undefined): readonly Pick<Variant, 'local' | 'remote'>[] => {
    const [local, remote] = [near, far].map((end) =>
      termsOf(end.kind === 'names' ? undefined : rangesOfEnd(end), family),
    )
    if (local === undefined || remote === undefined || local.length === 0 || remote.length === 0) return []
    return chunks(remote).flatMap((remotes) => chunks(local).map((locals) => ({ local: locals, remote: remotes })))
  }
  if (transport !== 'icmp') {
    const Protocol = transport === 'tcp' ? 'TCP' : 'UDP'
    return partsIn(undefined).map((part) => ({ Protocol, IcmpType: 'Any', ...part }))
  }
  // Echo requests (RFC 792, RFC 4443 §4.1): the two families have protocols of their own.
  return [
    ...partsIn(4).map((part) => ({ Protocol: 'ICMPv4' as const, IcmpType: '8' as const, ...part })),
    ...partsIn(6).map((part) => ({ Protocol: 'ICMPv6' as const, IcmpType: '128' as const, ...part })),
  ]
}

/** Addresses as the cmdlets take them. A prefix of length 0 is none to Windows, a range from end to end is. */
function termsOf(ranges: readonly AddressRange[] | undefined, family: 4 | 6 | undefined): readonly string[] {
  if (ranges === undefined) return ['Any']
  const own = ranges.filter((range) => family === undefined || range.family === family)
  const isEverything = (range: AddressRange): boolean =>
    range.first === 0n && range.last === (1n << (range.family === 4 ? 32n : 128n)) - 1n
  if (own.filter(isEverything).length === 2) return ['Any']
  return own.flatMap((range) => {
    if (!isEverything(range)) return intervalTexts([range])
    return range.family === 4 ? ['0.0.0.0-255.255.255.255'] : ['::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff']
  })
}

function chunks(terms: readonly string[]): readonly (readonly string[])[] {
  const count = Math.ceil(terms.length / mostAddresses)
  return Array.from({ length: count }, (_, at) => terms.slice(at * mostAddresses, (at + 1) * mostAddresses))
}

/** The same name of the same site has the same id every time: a UUID of the writer's own making (RFC 9562 §5.8). */
function keywordId(name: string, site: string): string {
  const [a = '', b = '', c = ''] = [1, 2, 3].map((round) => hex(name.toLowerCase(), round))
  return `{${keywordPrefix(site)}-${a.slice(0, 4)}-8${a.slice(5)}-8${b.slice(1, 4)}-${b.slice(4)}${c}}`
}

/** FNV-1a of 32 bits, begun in as many ways as there are rounds. */
function hex(text: string, round: number): string {
  let sum = 0x811c9dc5 ^ Math.imul(round, 0x9e3779b1)
  for (const letter of text) sum = Math.imul(sum ^ (letter.codePointAt(0) ?? 0), 0x01000193)
  // Neighbouring texts differ in few bits of the sum: mix them (MurmurHash3's finaliser).
  sum = Math.imul(sum ^ (sum >>> 16), 0x85ebca6b)
  sum = Math.imul(sum ^ (sum >>> 13), 0xc2b2ae35)
  return ((sum ^ (sum >>> 16)) >>> 0).toString(16).padStart(8, '0')
}
