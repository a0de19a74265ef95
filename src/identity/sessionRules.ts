/** For how long a session lets somebody in. All in milliseconds. */
export interface SessionBounds {
  /** Without a request. */
  readonly idleMs: number
  /** After sign-in, in any case. */
  readonly hardMs: number
  /** After Entra ID was last asked with success. */
  readonly revalidateMs: number
  /** After that, while Entra ID cannot be asked. */
  readonly graceMs: number
}

/** When what happened to a session. Milliseconds since 1970. */
export interface SessionTimes {
  readonly createdAt: number
  readonly usedAt: number
  readonly validatedAt: number
  /** Entra ID could not be asked, and is not to be asked again before. */
  readonly askAgainAt?: number
}

/**
 * - `fresh`: lets in.
 * - `due`: Entra ID is asked first; where it cannot be, the session still lets in.
 * - `grace`: lets in; Entra ID was asked a moment ago, and could not be.
 * - `closed`: lets in only once Entra ID was asked and said yes.
 * - `waiting`: closed, and Entra ID was asked a moment ago: lets nobody in.
 * - `idle`, `over`: has ended.
 */
export type SessionState = 'fresh' | 'due' | 'grace' | 'closed' | 'waiting' | 'idle' | 'over'

/** By so much a clock may have been set back since, before a session's times are not believed any more. */
export const clockSetBackMs = 300_000

/**
 * Whether a session lets in, at a time. A clock that was set back does not make a session longer: where its times lie in
 * the future Entra ID is asked, and where its beginning does by far it is over.
 */
export function sessionState(times: SessionTimes, bounds: SessionBounds, now: number): SessionState {
  const age = now - times.createdAt
  if (age >= bounds.hardMs || age < -clockSetBackMs) return 'over'
  if (now - times.usedAt >= bounds.idleMs) return 'idle'
  const since = now - times.validatedAt
  const isBelieved = since >= -clockSetBackMs
  if (isBelieved && since < bounds.revalidateMs) return 'fresh'
  const wasAsked =
    times.askAgainAt !== undefined &&
    now < times.askAgainAt &&
    times.askAgainAt - now <= bounds.revalidateMs + bounds.graceMs
  if (isBelieved && since < bounds.revalidateMs + bounds.graceMs) return wasAsked ? 'grace' : 'due'
  return wasAsked ? 'waiting' : 'closed'
}

/** Whether a request passes without Entra ID being asked. */
export function letsIn(state: SessionState): boolean {
  return state === 'fresh' || state === 'grace'
}
