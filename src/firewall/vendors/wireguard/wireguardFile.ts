import type { AddressRange } from '../../addresses.ts'
import type { ConfigurationFile, Span, UnreadStatement } from '../../source.ts'
import type { Line } from '../../text/linesIn.ts'
import { linesIn } from '../../text/linesIn.ts'
import { cidrRange } from '../cidrRange.ts'

export interface AllowedAddresses {
  readonly range: AddressRange
  readonly span: Span
}

export interface WireguardPeer {
  /** Its endpoint or the beginning of its public key. */
  name: string
  readonly allowed: AllowedAddresses[]
}

/** One interface of WireGuard. */
export interface WireguardInterface {
  name: string
  readonly span: Span
  readonly addresses: AllowedAddresses[]
  /** Addresses of the interface, without their networks. */
  readonly own: AddressRange[]
  /** Of wg-quick: `off`, `auto`, a table; absent where only wg's own settings are known, which set no routes. */
  table: string | undefined
  readonly peers: WireguardPeer[]
  /** Commands that could change routes or filters. */
  readonly commands: { readonly key: string; readonly command: string; readonly span: Span }[]
}

export interface WireguardFile {
  readonly interfaces: readonly WireguardInterface[]
  readonly unread: readonly UnreadStatement[]
  readonly understood: number
}

/** Keys that do not change where packets go. */
const harmless = new Set(
  'privatekey publickey presharedkey listenport listeningport fwmark dns mtu endpoint persistentkeepalive saveconfig advancedsecurity latesthandshake transfer predown postdown'.split(
    ' ',
  ),
)

/** Commands that only tell, name resolvers or let packets be forwarded at all. */
const harmlessCommand =
  /^(echo|logger|true|:|sleep|date|touch|resolvectl|resolvconf|systemd-resolve|wg set \S+ (private-key|persistent-keepalive)|sysctl (-q |-w )*net\.ipv[46]\.[\w.]*forwarding?\s*=\s*1|sysctl (-q |-w )*net\.ipv4\.ip_forward\s*=\s*1)(\s[^;&|`$]*)?$/

/** Reads a wg-quick file, `wg showconf`, `wg show` or `wg show all dump`. Keys are never quoted. */
export function wireguardFile(file: ConfigurationFile): WireguardFile {
  const state = startOf(file)
  for (const line of linesIn(file)) {
    const text = (line.text.split('#')[0] ?? '').trim()
    if (text === '') continue
    if (text.includes('\t') && readDump(line, text, state)) continue
    const section = /^\[(interface|peer)\]$/i.exec(text)?.[1]?.toLowerCase()
    const shown = /^(interface|peer):\s*(\S+)$/.exec(text)
    if (section !== undefined || shown !== null) {
      open(section ?? shown?.[1] ?? '', shown?.[2], line, state)
      continue
    }
    const at = text.search(/[=:]/)
    if (at <= 0) state.unread(line, 'the line is no key with a value')
    else readKey(text.slice(0, at).replace(/\s/g, '').toLowerCase(), text.slice(at + 1).trim(), line, state)
  }
  return { interfaces: state.interfaces, unread: state.unreadStatements, understood: state.understood }
}

interface State {
  readonly name: string
  readonly interfaces: WireguardInterface[]
  peer: WireguardPeer | undefined
  understood: number
  readonly unreadStatements: UnreadStatement[]
  unread(line: Line, why: string): void
}

function startOf(file: ConfigurationFile): State {
  const unreadStatements: UnreadStatement[] = []
  const base = file.name.replace(/^.*[\\/]/, '').replace(/\.(conf|txt|dump)$/i, '')
  return {
    name: base === '' || base === '-' ? 'wg' : base,
    interfaces: [],
    peer: undefined,
    understood: 0,
    unreadStatements,
    unread: (line, why) => {
      unreadStatements.push({ span: spanOf(line), why })
    },
  }
}

/** A place whose quote has no keys: a slip in the name of a key must not show the key. */
function spanOf(line: Line): Span {
  const span = line.span()
  return { ...span, text: withoutKeys(span.text) }
}

function withoutKeys(text: string): string {
  return text.replace(/[A-Za-z0-9+/]{20,}=*/g, '…')
}

function open(section: string, shown: string | undefined, line: Line, state: State) {
  state.understood += 1
  if (section === 'interface') {
    const name = shown ?? state.name
    state.interfaces.push({
      name,
      span: spanOf(line),
      addresses: [],
      own: [],
      table: undefined,
      peers: [],
      commands: [],
    })
    state.peer = undefined
    return
  }
  if (state.interfaces.length === 0) open('interface', undefined, line, state)
  state.peer = { name: `${(shown ?? '').slice(0, 8)}…`, allowed: [] }
  state.interfaces.at(-1)?.peers.push(state.peer)
}

function readKey(key: string, value: string, line: Line, state: State) {
  const current = state.interfaces.at(-1)
  if (current === undefined) return state.unread(line, 'the line stands before [Interface]')
  if (key === 'allowedips') {
    if (state.peer === undefined) return state.unread(line, 'AllowedIPs stands outside of a peer')
    return readAddresses(value, line, state.peer.allowed, state)
  }
  if (key === 'address') {
    current.table ??= 'auto'
    for (const term of value.split(',')) {
      const own = cidrRange(term.split('/')[0]?.trim() ?? '')
      if (own !== undefined) current.own.push(own)
    }
    return readAddresses(value, line, current.addresses, state)
  }
  state.understood += 1
  if (key === 'endpoint' && state.peer !== undefined) state.peer.name = value
  else if (key === 'publickey' && state.peer !== undefined && state.peer.name === '…')
    state.peer.name = `${value.slice(0, 8)}…`
  else if (key === 'table') current.table = value.toLowerCase()
  else if (key === 'preup' || key === 'postup') {
    current.table ??= 'auto'
    if (!value.split(';').every((command) => harmlessCommand.test(command.trim()))) {
      current.commands.push({ key, command: withoutKeys(value).slice(0, 100), span: spanOf(line) })
    }
  } else if (!harmless.has(key)) {
    state.understood -= 1
    state.unread(line, `the key "${key.slice(0, 40)}" is not known`)
  }
}

function readAddresses(value: string, line: Line, to: AllowedAddresses[], state: State) {
  const span = spanOf(line)
  const terms = value
    .split(',')
    .map((term) => term.trim())
    .filter((term) => term !== '' && term !== '(none)')
  const faults: string[] = []
  for (const term of terms) {
    const range = cidrRange(term)
    if (range === undefined) faults.push(term)
    else to.push({ range, span })
  }
  if (faults.length === 0) state.understood += 1
  else state.unread(line, `"${faults[0]?.slice(0, 60)}" is no address or prefix`)
}

/** `wg show all dump`, or `wg show wg0 dump`, which has no column for the interface. */
function readDump(line: Line, text: string, state: State): boolean {
  const cells = text.split('\t')
  const isKey = (cell: string | undefined): boolean => /^([A-Za-z0-9+/]{42,43}=|\(none\))$/.test(cell ?? '')
  const named = !isKey(cells[0])
  const rest = named ? cells.slice(1) : cells
  if (rest.length === 4 && isKey(rest[0]) && isKey(rest[1])) {
    open('interface', named ? cells[0] : undefined, line, state)
    return true
  }
  if (rest.length !== 8 || !isKey(rest[0])) return false
  if (state.interfaces.length === 0) open('interface', named ? cells[0] : undefined, line, state)
  const endpoint = rest[2] === '(none)' ? rest[0] : rest[2]
  state.peer = { name: (endpoint ?? '').includes('=') ? `${endpoint?.slice(0, 8)}…` : (endpoint ?? ''), allowed: [] }
  state.interfaces.at(-1)?.peers.push(state.peer)
  readAddresses(rest[3] ?? '', line, state.peer.allowed, state)
  return true
}
