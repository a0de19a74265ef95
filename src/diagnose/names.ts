import type { Flow } from '../model/flow.ts'
import type { JudgementContext } from '../model/report.ts'

/** Names compare without case and without the root's dot (RFC 4343). */
export function canonicalName(name: string): string {
  const lower = name.toLowerCase()
  return lower.endsWith('.') ? lower.slice(0, -1) : lower
}

export function sameName(one: string | undefined, other: string | undefined): boolean {
  return one !== undefined && other !== undefined && canonicalName(one) === canonicalName(other)
}

/** Whether two ClientHellos ask for the same name (SNI); two that ask for none ask for the same. */
export function sameServerName(one: string | undefined, other: string | undefined): boolean {
  return one === other || sameName(one, other)
}

/** Names of different organisations, as far as the last two labels tell: what they share, they share by the path. */
export function areUnrelated(one: string, other: string): boolean {
  return organisation(one) !== organisation(other)
}

export function organisation(name: string): string {
  return canonicalName(name).split('.').slice(-2).join('.')
}

/**
 * Whether the site file says that a name is served elsewhere than in public, by itself or by `*:port`.
 *
 * @param dialled the port that was dialled: a mapping of another port says nothing of it; undefined where a proxy dialled
 */
export function isMapped(name: string, names: JudgementContext['names'], dialled: number | undefined): boolean {
  const wanted = canonicalName(name)
  return Object.entries(names).some(([key, place]) => {
    const [, mapped = key, port] = /^(.*?)(?::(\d+))?$/.exec(key) ?? []
    if (mapped !== '*' && canonicalName(mapped) !== wanted) return false
    const led = /^(?::|.*\]:|[^:]*:)(\d+)$/.exec(place)?.[1] ?? port
    return led === undefined || dialled === undefined || Number(led) === dialled
  })
}

/** The name without its first label. */
export function parentOf(name: string): string {
  return canonicalName(name).split('.').slice(1).join('.')
}

/** Whether a name is a zone or lies in it; a zone of one label, such as a top-level domain, is too wide to say anything. */
export function isWithin(name: string, zone: string): boolean {
  return zone.includes('.') && (canonicalName(name) === zone || canonicalName(name).endsWith(`.${zone}`))
}

/** The zones and machines that the site serves itself. */
export interface Inside {
  /** The AD domain, when the site names one. */
  readonly domain?: string
  /** The root domain of the forest, when it is another. */
  readonly forest?: string
}

/**
 * Whether a name is the site's own: in its domain or forest, or that of one of its hosts. Resolvers outside know nothing
 * of it, are not asked for it, and prove nothing when they deny it.
 */
export function isOwnName(
  { target: { name }, direction, to, toRole }: Pick<Flow, 'target' | 'direction' | 'to' | 'toRole'>,
  inside: Inside,
): boolean {
  if (name === undefined) return false
  if (isInOwnZone(name, inside)) return true
  // A target of the command line is no planned flow: nothing is known of where it stands.
  return internal.has(direction) && toRole !== 'any' && to !== toRole
}

/** Whether a name lies in the domain or the forest, or is of one label, which no resolver outside has. */
export function isInOwnZone(name: string, { domain, forest }: Inside): boolean {
  const wanted = canonicalName(name)
  if (wanted !== '' && !wanted.includes('.')) return true
  return [domain, forest].some((zone) => zone !== undefined && isWithin(wanted, canonicalName(zone)))
}

const internal: ReadonlySet<Flow['direction']> = new Set(['internal', 'dmz-to-intranet', 'local'])
