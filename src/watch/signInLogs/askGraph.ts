import { membersOf } from '../../model/membersOf.ts'
import type { SyntheticSignIn } from '../../model/watch.ts'
import type { Limits } from '../../net/net.ts'
import { askToken } from '../signIn/askToken.ts'
import { discover } from '../signIn/discover.ts'
import type { SignInMeans, SignInOutcome } from '../signIn/signInKind.ts'
import { jsonOf, Steps } from '../signIn/steps.ts'

/** What one question to Microsoft Graph came to. Words of closed lists and numbers alone. */
export type GraphSeen =
  | { readonly kind: 'answer'; readonly value: unknown }
  | { readonly kind: 'wait'; readonly says: string; readonly retryAfterMs: number }
  | { readonly kind: 'failed'; readonly says: string }
  | { readonly kind: 'aborted' }

export type AskGraph = (url: string, limits: Limits) => Promise<GraphSeen>

/** A token is not used in its last minutes. */
const restMs = 120_000

/** Asks Microsoft Graph as an app, whose token is kept from one question to the next. */
export function graphAsker(reader: SyntheticSignIn, means: SignInMeans): AskGraph {
  let held: { readonly token: string; readonly until: number } | undefined

  async function tokenFor(steps: Steps): Promise<string | GraphSeen> {
    const now = means.net.now()
    if (held !== undefined && now < held.until) return held.token
    const proof = await means.proof(reader)
    if ('why' in proof)
      return { kind: 'failed', says: `the app that reads it has nothing to prove itself with: ${proof.why}` }
    const discovered = await discover(steps, means)
    if (!discovered.ok) return seenOf(discovered.outcome)
    const { client = '' } = reader
    const form = { grant_type: 'client_credentials', scope: `https://${means.authority.graphHost}/.default` }
    const tokens = await askToken(steps, means, { tenant: discovered.tenant, client, proof: proof.ok, form })
    if (!tokens.ok) return seenOf(tokens.outcome)
    const seconds = typeof tokens.expiresIn === 'number' ? tokens.expiresIn : 0
    held = { token: tokens.accessToken, until: now + seconds * 1000 - restMs }
    return held.token
  }

  return async (url, limits) => {
    const steps = new Steps('sign-in-logs', means, limits)
    const token = await tokenFor(steps)
    if (typeof token !== 'string') return token
    const answer = await steps.ask({ url, what: 'Microsoft Graph', headers: { Authorization: `Bearer ${token}` } })
    if (!answer.ok) return seenOf(answer.outcome)
    if (answer.status === 401) held = undefined
    if (answer.status === 200) return { kind: 'answer', value: jsonOf(answer) }
    const code = membersOf(membersOf(jsonOf(answer))['error'])['code']
    return { kind: 'failed', says: refusalOf(answer.status, code) }
  }
}

/** https://learn.microsoft.com/graph/api/signin-list */
function refusalOf(status: number, code: unknown): string {
  if (code === 'Authentication_RequestFromNonPremiumTenantOrB2CTenant') {
    return 'the tenant has no licence for it (Microsoft Entra ID P1): export the log, and name the file'
  }
  if (status === 403) {
    return 'the app may not read it (403): grant AuditLog.Read.All (application) to it, with admin consent'
  }
  return `Microsoft Graph answers with ${status}`
}

function seenOf(outcome: Exclude<SignInOutcome, { kind: 'well' }>): GraphSeen {
  switch (outcome.kind) {
    case 'aborted':
      return { kind: 'aborted' }
    case 'throttled':
      return { kind: 'wait', says: outcome.says, retryAfterMs: outcome.retryAfterMs }
    case 'refused':
      return { kind: 'failed', says: outcome.says }
    case 'failed':
      return outcome.retryAfterMs === undefined
        ? { kind: 'failed', says: outcome.told.says }
        : { kind: 'wait', says: outcome.told.says, retryAfterMs: outcome.retryAfterMs }
    default:
      return outcome satisfies never
  }
}
