import type { IncidentCourse } from '../../model/incident.ts'
import type { IncidentSettings } from './settings.ts'

type Damping = Pick<IncidentSettings, 'penalty' | 'halfLifeMs' | 'reuse' | 'forget' | 'mostHoldMs'>

/** A quiet time must last so much longer than any before it, until it is believed. */
const longerThanEver = 1.5

/** What is left of a penalty after some time: it halves and halves again (RFC 2439 §4.2). A clock that went back takes none. */
function penaltyAt({ value, at }: IncidentCourse['penalty'], now: number, { halfLifeMs }: Damping): number {
  return value * 2 ** (-Math.max(0, now - at) / halfLifeMs)
}

/**
 * Nothing of it fails any more: it is over when the penalty has fallen to the level at which a route would be used again,
 * and when it has been well for longer than it ever was before it came back.
 *
 * @param wellSince milliseconds since 1970
 */
export function recovering(course: IncidentCourse, wellSince: number, damping: Damping): IncidentCourse {
  const value = penaltyAt(course.penalty, wellSince, damping) + damping.penalty
  const decayMs = damping.halfLifeMs * Math.max(0, Math.log2(value / damping.reuse))
  const holdMs = Math.min(damping.mostHoldMs, Math.max(decayMs, course.longestQuietMs * longerThanEver))
  return { ...course, wellSince, overAt: wellSince + Math.round(holdMs), penalty: { value, at: wellSince } }
}

/** It fails again: since then, after it had been well. */
export function returned(course: IncidentCourse, since: number): IncidentCourse {
  const { wellSince, overAt: _, ...rest } = course
  const quietMs = wellSince === undefined ? 0 : Math.max(0, since - wellSince)
  return { ...rest, longestQuietMs: Math.max(course.longestQuietMs, quietMs) }
}

/** Whether one that is closed would be opened again when the same fails. */
export function isRemembered({ penalty }: IncidentCourse, now: number, damping: Damping): boolean {
  return penaltyAt(penalty, now, damping) >= damping.forget
}

/** How far back closed incidents are needed to go on after a restart, milliseconds. */
export function rememberedMs(damping: Damping): number {
  // A penalty that is added to again and again comes to no more than this: it halves meanwhile.
  const most = damping.penalty / (1 - 2 ** (-minimalCycleMs / damping.halfLifeMs))
  return Math.ceil(damping.halfLifeMs * Math.max(0, Math.log2(most / damping.forget)))
}

/** No failure is confirmed, and no recovery, more often. */
const minimalCycleMs = 20_000
