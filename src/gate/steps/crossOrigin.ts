import { problem } from '../answers.ts'
import { headerOf } from '../readAsked.ts'
import type { Step } from './step.ts'

/** Methods that change nothing (RFC 9110 §9.2.1). */
const safe: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * A browser sends the cookie whichever page asks: what changes something is taken from pages of the gate's own origin.
 * SameSite=Lax alone leaves out pages of other hosts of the same site. Programs send neither field.
 */
export const crossOrigin: Step = {
  name: 'cross-origin',
  what: 'refuses changes that a page of another origin has a signed-in browser ask for',
  run: (asked, { caller }, { origin }) => {
    if (caller.by !== 'session' || safe.has(asked.method)) return undefined
    const from = headerOf(asked.headers, 'origin')
    const site = headerOf(asked.headers, 'sec-fetch-site') ?? 'none'
    if (from === undefined ? site === 'same-origin' || site === 'none' : from === origin) return undefined
    const says = 'a page of another origin has asked for this'
    return problem({ status: 403, reason: 'cross-origin', says }, asked.traceId)
  },
}
