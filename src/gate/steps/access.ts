import type { AccessVerdict } from '../../identity/index.ts'
import { judgeAccess, stepUpChallenge, tokenChallenge, tokenReasons } from '../../identity/index.ts'
import type { Route } from '../../model/route.ts'
import { challenged, problem } from '../answers.ts'
import { deniedPage } from '../deniedPage.ts'
import type { Asked, Caller, Outcome, OwnAnswer } from '../exchange.ts'
import { headerOf } from '../readAsked.ts'
import { signInElsewhere } from '../signInElsewhere.ts'
import { whatToAsk } from '../whatToAsk.ts'
import type { Found, GateParts, Step } from './step.ts'

type Denied = Exclude<AccessVerdict, { readonly allowed: true }>

/** Judges by the routes. This step settles every request: what no route lets pass is denied. */
export const access: Step = {
  name: 'access',
  what: 'judges by the routes whether the request passes, and says what is missing',
  run: (asked, found, parts): Outcome | Promise<Outcome> => {
    const { caller } = found
    const { certificateSha256 } = asked.connection
    const verdict = judgeAccess(parts.routes, {
      method: asked.method,
      host: asked.host,
      path: asked.target.path,
      address: asked.address,
      at: asked.at,
      ...(caller.by !== 'nobody' && { identity: caller.identity, groups: caller.groups }),
      ...(certificateSha256 !== undefined && { certificateSha256 }),
      ...(parts.publishedRanges !== undefined && { publishedRanges: parts.publishedRanges }),
    })
    if (!verdict.allowed) return toldOf(verdict, denial(verdict, asked, found, parts))
    return (
      wrongOrigin(asked, caller, verdict.route, parts) ?? {
        kind: 'pass',
        route: verdict.route,
        way: verdict.way,
        caller,
      }
    )
  },
}

/** What the record has of a denial: the route that decided, and what each of its ways in lacks. */
async function toldOf(verdict: Denied, answer: OwnAnswer | Promise<OwnAnswer>): Promise<OwnAnswer> {
  if (verdict.because !== 'denied') return answer
  const missing = verdict.ways.map(({ judged }) => judged.flatMap((one) => (one.ok ? [] : [one.reason])).join(' '))
  return { ...(await answer), decided: { route: verdict.route.id, missing } }
}

/** Browsers let any page open a WebSocket, with cookies and all: the page's origin is looked at (RFC 6455 §10.2). */
function wrongOrigin(asked: Asked, caller: Caller, route: Route, { origin }: GateParts): OwnAnswer | undefined {
  if (!asked.isUpgrade || caller.by === 'token') return undefined
  const from = headerOf(asked.headers, 'origin')
  const allowed = [origin, ...(route.webSocketOrigins ?? [])]
  if (from === undefined ? caller.by === 'nobody' : allowed.includes(from)) return undefined
  const says = 'a page of another origin has asked for a WebSocket'
  return problem({ status: 403, reason: 'cross-origin', says }, asked.traceId)
}

function denial(verdict: Denied, asked: Asked, found: Found, parts: GateParts): OwnAnswer | Promise<OwnAnswer> {
  const { caller } = found
  if (verdict.because === 'no-route') {
    return refusal({ status: 403, reason: 'no-route', says: 'nothing is open here' }, asked, caller)
  }
  if (verdict.because === 'method-not-allowed') {
    const says = `what is here may be asked for by ${verdict.methods.join(', ')}`
    const told = { status: 405, reason: 'method-not-allowed', says }
    return problem({ ...told, headers: [['allow', verdict.methods.join(', ')]] }, asked.traceId)
  }
  const { next, context } = verdict
  if (next === 'sign-in' && caller.by === 'nobody') return askToSignIn(asked, found, parts)
  if (next === 'step-up' && context !== undefined) return askToStepUp(context, asked, caller, parts)
  const { reason, says } = firstMissing(verdict)
  return refusal({ status: 403, reason, says }, asked, caller, whatToAsk(verdict))
}

function askToSignIn(asked: Asked, found: Found, { signIn, origin }: GateParts): OwnAnswer | Promise<OwnAnswer> {
  // Who sent a token is a program, and a page behind a redirect would mean nothing to it.
  const isBrowser = asked.isNavigation && !asked.isUpgrade && headerOf(asked.headers, 'authorization') === undefined
  if (isBrowser && signIn !== undefined) {
    return signInElsewhere(asked, origin) ?? signIn.begin(asked, ownAddressOf(asked))
  }
  return found.refused ?? challenged(tokenChallenge('no-token'), 'not-signed-in', tokenReasons['no-token'], asked)
}

function askToStepUp(context: string, asked: Asked, caller: Caller, parts: GateParts): OwnAnswer | Promise<OwnAnswer> {
  if (caller.by === 'session' && asked.isNavigation && parts.signIn !== undefined) {
    return signInElsewhere(asked, parts.origin) ?? parts.signIn.begin(asked, ownAddressOf(asked), context)
  }
  const says = `this needs a stronger sign-in (${context})`
  if (caller.by === 'token') {
    return challenged(stepUpChallenge(caller.identity, context, parts.authority), 'context-missing', says, asked)
  }
  return problem({ status: caller.by === 'nobody' ? 401 : 403, reason: 'context-missing', says }, asked.traceId)
}

/** What stands in the way of the way in that is nearest to open. */
function firstMissing({ ways }: Extract<Denied, { because: 'denied' }>): { reason: string; says: string } {
  const missing = ways.map(({ judged }) => judged.filter((one) => !one.ok))
  const [nearest] = missing.filter((one) => one.length > 0).toSorted((one, other) => one.length - other.length)
  const [first] = nearest ?? []
  return first === undefined
    ? { reason: 'no-way-in', says: 'nobody may come in here' }
    : { reason: first.reason, says: first.says }
}

function refusal(
  told: { readonly status: number; readonly reason: string; readonly says: string },
  asked: Asked,
  caller: Caller,
  wants: readonly string[] = [],
): OwnAnswer {
  return asked.isNavigation ? deniedPage(told, asked, caller, wants) : problem(told, asked.traceId)
}

/** Path and query, as they were asked for: on the gate's own origin alone. */
function ownAddressOf({ target: { path, query } }: Asked): string {
  return query === undefined ? path : `${path}?${query}`
}
