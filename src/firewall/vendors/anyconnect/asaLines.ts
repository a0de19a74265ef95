import type { ConfigurationFile, Span, UnreadStatement } from '../../source.ts'
import { linesIn } from '../../text/linesIn.ts'
import type { AsaObjects } from './asaAddresses.ts'

/** One entry of an access list, its words behind the list's name. */
export interface AclEntry {
  readonly words: readonly string[]
  readonly span: Span
}

/** A setting of a group policy. */
export interface PolicySetting {
  readonly words: readonly string[]
  readonly span: Span
}

/** What of a configuration of ASA or FTD bears on what a client sends into its tunnel. */
export interface AsaLines extends AsaObjects {
  readonly policies: Map<string, { readonly span: Span; readonly settings: Map<string, PolicySetting> }>
  readonly lists: Map<string, AclEntry[]>
  /** Values of custom attributes by type and name: `dynamic-split-exclude-domains`, `microsoft`. */
  readonly custom: Map<string, string[]>
  hasIpv6Pool: boolean
  readonly unread: UnreadStatement[]
  understood: number
}

/** Settings of a group policy that lead packets; all others are about something else. */
const leading = new Set([
  'split-tunnel-policy',
  'ipv6-split-tunnel-policy',
  'split-tunnel-network-list',
  'split-dns',
  'split-tunnel-all-dns',
  'client-bypass-protocol',
  'vpn-filter',
  'ipv6-vpn-filter',
  'ipv6-address-pools',
])

/** Reads lines of `show running-config`; what is not about group policies, lists and objects says nothing here. */
export function asaLines(files: readonly ConfigurationFile[]): AsaLines {
  const found: AsaLines = {
    objects: new Map(),
    groups: new Map(),
    names: new Map(),
    sets: new Map(),
    policies: new Map(),
    lists: new Map(),
    custom: new Map(),
    hasIpv6Pool: false,
    unread: [],
    understood: 0,
  }
  for (const file of files) {
    let block: Block | undefined
    for (const line of linesIn(file)) {
      const words = line.text.trim().split(/\s+/)
      if (words[0] === '' || words[0] === '!' || words[0] === ':') continue
      found.understood += 1
      const opened = openBlock(words, line.span(), found)
      if (opened !== undefined) block = opened.block
      else if (
        block !== undefined &&
        (/^\s/.test(line.text) || leading.has(words[0] ?? '') || words[0] === 'anyconnect-custom')
      ) {
        block(words, line.span())
      } else {
        block = undefined
        readTop(words, line.span(), found)
      }
    }
  }
  return found
}

type Block = (words: readonly string[], span: Span) => void

/** Lines that open a block, and what the lines in it mean; `block` is undefined for blocks about something else. */
function openBlock(
  words: readonly string[],
  span: Span,
  found: AsaLines,
): { readonly block: Block | undefined } | undefined {
  const [first = '', second = '', third = ''] = words
  if (first === 'group-policy' && words.at(-1) === 'attributes') {
    const name = words.slice(1, -1).join(' ').replace(/^"|"$/g, '')
    const policy = found.policies.get(name) ?? { span, settings: new Map<string, PolicySetting>() }
    found.policies.set(name, policy)
    return { block: (inner, at) => readSetting(inner, at, policy.settings, found) }
  }
  if (first === 'group-policy' && second !== '') {
    const name = words
      .slice(1)
      .join(' ')
      .replace(/\s+(internal|external).*$/, '')
      .replace(/^"|"$/g, '')
    if (!found.policies.has(name)) found.policies.set(name, { span, settings: new Map() })
    return { block: undefined }
  }
  if ((first === 'object' || first === 'object-group') && third !== '') {
    const kept = first === 'object' ? found.objects : found.groups
    const lines: string[][] = kept.get(third) ?? []
    if (second === 'network') kept.set(third, lines)
    return { block: (inner) => (/^(description|nat)$/.test(inner[0] ?? '') ? undefined : void lines.push([...inner])) }
  }
  return undefined
}

function readSetting(
  words: readonly string[],
  span: Span,
  settings: Map<string, PolicySetting>,
  found: AsaLines,
): void {
  const [name = '', second = ''] = words
  if (name === 'anyconnect-custom') settings.set(`${name} ${second}`, { words: words.slice(2), span })
  else if (leading.has(name)) settings.set(name, { words: words.slice(1), span })
  else if (/split/.test(name)) {
    found.understood -= 1
    found.unread.push({ span, why: `the setting "${name.slice(0, 40)}" is not known` })
  }
}

function readTop(words: readonly string[], span: Span, found: AsaLines): void {
  const [first = '', second = '', third = ''] = words
  if (first === 'access-list' && third !== '') {
    const entries = found.lists.get(second) ?? []
    if (third !== 'remark') entries.push({ words: words.slice(2), span })
    found.lists.set(second, entries)
  } else if (first === 'name' && third !== '') found.names.set(third, second)
  else if (/^(anyconnect|secure-client)-custom-data$/.test(first)) {
    const key = `${second} ${third}`
    const values = words
      .slice(3)
      .join(' ')
      .split(/[,\s]+/)
      .filter((value) => value !== '')
    const known = found.custom.get(key)
    if (known === undefined) found.custom.set(key, values)
    else for (const value of values) known.push(value)
  } else if (first === 'ipv6' && second === 'local' && third === 'pool') found.hasIpv6Pool = true
}
