import type { Flow, FlowTarget } from '../../model/flow.ts'
import { formatPortRange } from '../../model/ports.ts'
import type { Timing } from '../../model/report.ts'
import { plain } from './plain.ts'

/**
 * `tcp/443`, `tcp/49152-65535`, `tcp/*` when the row leaves the port open, `icmp` which has none. Where `names:` leads to
 * another port this is still the planned one, which a rule and a reader know.
 */
export function portOf(target: Pick<FlowTarget, 'transport' | 'port' | 'range' | 'plannedPort'>): string {
  if (target.transport === 'icmp') return 'icmp'
  const { range } = target
  const port = target.plannedPort ?? target.port
  return `${target.transport}/${port ?? (range === undefined ? '*' : formatPortRange(range))}`
}

/** What a rule must name: Microsoft's pattern before the name that stands for it, else the name, else the address. */
export function nameOf(target: FlowTarget): string {
  return plain(target.pattern ?? target.name ?? target.address ?? '-')
}

/**
 * What was dialled, as one phrase: `dc01.corp.example (10.1.0.5)`, `a.msappproxy.net (40.126.1.1) for *.msappproxy.net`,
 * and with the port where that is not the planned one: `login.microsoftonline.com (127.0.0.1:9443)`.
 */
export function dialledOf(target: FlowTarget): string {
  const { name, address, pattern, port, plannedPort } = target
  const dialled = name ?? address ?? pattern ?? '-'
  const bracketed = address?.includes(':') === true ? `[${address}]` : address
  const place = plannedPort === undefined ? address : `${bracketed ?? ''}:${port}`
  const at = place !== undefined && place !== dialled ? ` (${place})` : ''
  const stands = pattern !== undefined && pattern !== dialled ? ` for ${pattern}` : ''
  return plain(dialled + at + stands)
}

/** ` through egress`, for a flow that goes through a proxy; nothing for one that goes straight. */
export function throughOf({ via }: Pick<Flow, 'via'>): string {
  return via === undefined ? '' : plain(` through ${via}`)
}

/** `1 flow`, `12 flows`. */
export function countOf(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`
}

/** `12 flows`, and `28 flows by 27 openings` where one opening serves several: who counts the lines finds the second. */
export function flowsBy(flows: number, openings: number): string {
  const counted = countOf(flows, 'flow')
  return openings === flows ? counted : `${counted} by ${countOf(openings, 'opening')}`
}

/** `2026-11-21 09:03:12 UTC` from ISO 8601 text; text that is none comes back as it is. */
export function timeOf(iso: string): string {
  const match = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.\d+)?Z$/.exec(iso)
  return match === null ? plain(iso) : `${match[1]} ${match[2]} UTC`
}

/** `0.4 ms`, `41 ms`, `12.5 s`: as many digits as a reader can use. */
export function durationOf(ms: number): string {
  if (ms >= 10_000) return `${(ms / 1000).toFixed(1)} s`
  return ms < 10 ? `${Number(ms.toFixed(1))} ms` : `${Math.round(ms)} ms`
}

/** The phases of a check that took place, in their order, with their names. */
export function phasesOf(timing: Timing): readonly { readonly phase: string; readonly ms: number }[] {
  return [
    { phase: 'name', ms: timing.dnsMs },
    { phase: 'connect', ms: timing.connectMs },
    { phase: 'TLS', ms: timing.tlsMs },
    { phase: 'first byte', ms: timing.firstByteMs },
  ].flatMap(({ phase, ms }) => (ms === null ? [] : [{ phase, ms }]))
}

/** How long a check took in all; undefined when no phase was reached. */
export function totalOf(timing: Timing): string | undefined {
  const { dnsMs, connectMs, tlsMs, firstByteMs } = timing
  const taken = [dnsMs, connectMs, tlsMs, firstByteMs].filter((ms) => ms !== null)
  return taken.length === 0 ? undefined : durationOf(taken.reduce((sum, ms) => sum + ms, 0))
}

/** `name 1, connect 12, TLS 28, first byte 4 ms`. */
export function timingOf(timing: Timing): string {
  const phases = phasesOf(timing)
  return phases.map(({ phase, ms }) => `${phase} ${durationOf(ms)}`).join(', ')
}

/** `names:` of the site file as `from, from -> to`: every mapping, those to one place together, in the file's order. */
export function mappedNames(names: Readonly<Record<string, string>>): readonly string[] {
  const byPlace = groupBy(Object.entries(names), ([, where]) => where)
  return [...byPlace].map(([where, mapped]) => plain(`${mapped.map(([name]) => name).join(', ')} -> ${where}`))
}

/** The same as the end of a sentence that a report begins with; nothing where no name is mapped. */
export function mappedWords(names: Readonly<Record<string, string>>): string {
  const mapped = mappedNames(names)
  return mapped.length === 0 ? '' : `; names mapped: ${mapped.join('; ')}`
}

/** So many mappings stand whole in a heading. */
const mostMappings = 3

/** The same where there is room for little: of many mappings their count and the first, so that none passes unsaid. */
export function mappedInShort(names: Readonly<Record<string, string>>): string {
  const all = Object.entries(names)
  const [first] = all
  if (first === undefined || all.length <= mostMappings) return mappedWords(names)
  return `; ${all.length} names mapped, such as ${plain(first.join(' -> '))}`
}

/** Puts rows under what they have in common, both in the order of their first appearance. */
export function groupBy<Row>(rows: readonly Row[], keyOf: (row: Row) => string): ReadonlyMap<string, readonly Row[]> {
  const groups = new Map<string, Row[]>()
  for (const row of rows) {
    const key = keyOf(row)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [row])
    else group.push(row)
  }
  return groups
}
