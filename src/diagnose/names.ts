import type { JudgementContext } from '../model/report.ts'

/** Names compare without case and without the root's dot (RFC 4343). */
export function canonicalName(name: string): string {
  return name.toLowerCase().replace(/\.$/, '')
}

export function sameName(one: string | undefined, other: string | undefined): boolean {
  return one !== undefined && other !== undefined && canonicalName(one) === canonicalName(other)
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
 * @param dialled the port that was dialled: a mapping of another port says nothing of it
 */
export function isMapped(name: string, names: JudgementContext['names'], dialled: number): boolean {
  const wanted = canonicalName(name)
  return Object.entries(names).some(([key, place]) => {
    const [, mapped = key, port] = /^(.*?)(?::(\d+))?$/.exec(key) ?? []
    if (mapped !== '*' && canonicalName(mapped) !== wanted) return false
    const led = /^(?::|.*\]:|[^:]*:)(\d+)$/.exec(place)?.[1] ?? port
    return led === undefined || Number(led) === dialled
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
