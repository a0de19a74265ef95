import { tokenChallenge, tokenReasons } from '../../identity/index.ts'
import { challenged, problem } from '../answers.ts'
import type { Asked } from '../exchange.ts'
import { headerOf } from '../readAsked.ts'
import type { Found, GateParts, Step } from './step.ts'

/**
 * Finds out who asks: a token decides alone where one is sent, else the cookie of a session. What is sent and not accepted
 * makes nobody of the caller, and the answer is kept: where anybody may come it does not matter.
 */
export const identify: Step = {
  name: 'identify',
  what: 'finds out who asks, by a bearer token or by the cookie of a session',
  run: async (asked, found, parts) => {
    const written = headerOf(asked.headers, 'authorization')
    if (written === undefined) return byCookie(asked, found, parts)
    await byToken(written, asked, found, parts)
    return undefined
  },
}

async function byToken(written: string, asked: Asked, found: Found, { tokens, groupsOf }: GateParts): Promise<void> {
  const token = /^bearer +([^ ]+)$/i.exec(written)?.[1]
  // Another scheme may be the app's own, on a route where anybody may come.
  if (tokens === undefined || token === undefined) {
    found.refused = challenged(tokenChallenge('no-token'), 'no-token', tokenReasons['no-token'], asked)
    return
  }
  const verdict = await tokens.verify(token)
  if (!verdict.ok) {
    found.refused = challenged(tokenChallenge(verdict.reason), verdict.reason, tokenReasons[verdict.reason], asked)
    return
  }
  found.caller = { by: 'token', identity: verdict.identity, groups: await groupsOf(verdict.identity) }
}

async function byCookie(asked: Asked, found: Found, { signIn }: GateParts): Promise<undefined> {
  if (signIn === undefined) return undefined
  const read = await signIn.callerOf(asked)
  if (read.ok) found.caller = read.caller
  else if (read.reason !== 'none') {
    const says = 'the session has ended: sign in again'
    found.refused = problem({ status: 401, reason: read.reason, says }, asked.traceId)
  }
  return undefined
}
