import { membersOf } from '../../model/membersOf.ts'
import type { Limits } from '../../net/net.ts'
import type { Told } from '../news.ts'
import { askToken } from '../signIn/askToken.ts'
import { discover } from '../signIn/discover.ts'
import type { SignInOutcome } from '../signIn/signInKind.ts'
import { jsonOf, Steps } from '../signIn/steps.ts'
import { statusTold, toldOf } from '../signIn/toldFailures.ts'
import type { CanaryMeans } from './canaryMeans.ts'

/** What one question to the target came to. */
export type Seen =
  | { readonly kind: 'value'; readonly value: string | undefined }
  /** It asks for patience. */
  | { readonly kind: 'wait'; readonly retryAfterMs: number }
  /** `isFinal`: to ask again would change nothing. */
  | { readonly kind: 'failed'; readonly told: Told; readonly isFinal: boolean }
  | { readonly kind: 'aborted' }

/** Reads the one attribute of the one object; what is needed to ask is kept from one question to the next. */
export type ReadTarget = (limits: Limits) => Promise<Seen>

/** Where a change may be awaited: by the word of the site file. */
export const canaryTargets = { graph: readGraph, scim: readScim } as const satisfies Readonly<
  Record<CanaryMeans['canary']['target']['kind'], (means: CanaryMeans) => ReadTarget>
>

/** A token is not used in its last minutes. */
const restMs = 120_000

/**
 * Microsoft Graph, with `$select` of the one attribute.
 * https://learn.microsoft.com/graph/api/user-get: the least permission of an app is User.Read.All.
 */
function readGraph({ canary, signInMeans: means, reader, site }: CanaryMeans): ReadTarget {
  const { object, attribute } = canary.target
  const url = `https://${means.authority.graphHost}/v1.0/users/${encodeURIComponent(object)}?$select=${encodeURIComponent(attribute)}`
  let held: { readonly token: string; readonly until: number } | undefined

  async function tokenFor(steps: Steps, now: number): Promise<string | Seen> {
    if (held !== undefined && now < held.until) return held.token
    if (reader === undefined) return noReader
    const proof = await means.proof(reader)
    if ('why' in proof)
      return final(
        toldOf('tool-limit', `the app that reads Graph has nothing to prove itself with: ${proof.why}`, {
          owner: 'app',
          verdict: 'wrong',
        }),
      )
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

  return async (limits) => {
    const steps = new Steps(`canary:${site}`, means, limits)
    const token = await tokenFor(steps, means.net.now())
    if (typeof token !== 'string') return token
    const answer = await steps.ask({ url, what: 'Microsoft Graph', headers: { Authorization: `Bearer ${token}` } })
    if (!answer.ok) return seenOf(answer.outcome)
    switch (answer.status) {
      case 200:
        return valueAt(membersOf(jsonOf(answer))[attribute])
      case 401:
        held = undefined
        return { kind: 'failed', told: statusTold('Microsoft Graph', 401), isFinal: false }
      case 403:
        return final(
          toldOf('consent-missing', 'the app may not read the object in Microsoft Graph (403)', {
            confidence: 'certain',
            fix: 'Grant User.Read.All (application) to the app that reads it, with admin consent',
          }),
        )
      case 404:
        return final(wrongObject('Microsoft Graph'))
      default:
        return { kind: 'failed', told: statusTold('Microsoft Graph', answer.status), isFinal: false }
    }
  }
}

/** A SCIM service (RFC 7644 §3.4.1), asked for the one attribute (§3.9). */
function readScim({ canary, signInMeans: means, token, site }: CanaryMeans): ReadTarget {
  const { object, attribute, url: base = '' } = canary.target
  const url = `${base.replace(/\/$/, '')}/Users/${encodeURIComponent(object)}?attributes=${encodeURIComponent(attribute)}`
  return async (limits) => {
    const bearer = await token()
    if ('why' in bearer)
      return final(
        toldOf('tool-limit', `the SCIM service cannot be asked: ${bearer.why}`, { owner: 'app', verdict: 'wrong' }),
      )
    const steps = new Steps(`canary:${site}`, means, limits)
    const headers = { Authorization: `Bearer ${bearer.ok}`, Accept: 'application/scim+json' }
    const answer = await steps.ask({ url, what: 'the SCIM service', headers })
    if (!answer.ok) return seenOf(answer.outcome)
    if (answer.status === 200) return valueAt(scimValue(jsonOf(answer), attribute))
    if (answer.status === 404) return final(wrongObject('the SCIM service'))
    const isFinal = answer.status === 401 || answer.status === 403
    return { kind: 'failed', told: statusTold('the SCIM service', answer.status), isFinal }
  }
}

/** `title`, `name.familyName`, or behind the URN of an extension: `urn:…:User:department` (RFC 7644 §3.10). */
export function scimValue(resource: unknown, attribute: string): unknown {
  const [, urn, path = attribute] = /^(urn:.*):([^:]+)$/.exec(attribute) ?? []
  const root = urn === undefined ? resource : own(resource, urn)
  return path.split('.').reduce(own, root)
}

function own(value: unknown, name: string): unknown {
  const members = membersOf(value)
  const key = Object.keys(members).find((each) => each.toLowerCase() === name.toLowerCase())
  return key === undefined ? undefined : members[key]
}

const valueAt = (value: unknown): Seen => ({ kind: 'value', value: typeof value === 'string' ? value : undefined })
const final = (told: Told): Seen => ({ kind: 'failed', told, isFinal: true })
const wrongObject = (where: string): Told =>
  toldOf('wrong-registration', `${where} has no object of that id (404)`, {
    confidence: 'certain',
    fix: 'Correct object: of the target; a new object has to be synchronised once before',
  })
const noReader = final(
  toldOf('tool-limit', 'no app of the site file reads Microsoft Graph', {
    owner: 'app',
    verdict: 'wrong',
    fix: 'Add a sign-in of kind client-credentials whose app has User.Read.All, and name it with target.sign-in',
  }),
)

function seenOf(outcome: Exclude<SignInOutcome, { kind: 'well' }>): Seen {
  switch (outcome.kind) {
    case 'throttled':
      return { kind: 'wait', retryAfterMs: outcome.retryAfterMs }
    case 'failed':
      return outcome.retryAfterMs === undefined
        ? { kind: 'failed', told: outcome.told, isFinal: false }
        : { kind: 'wait', retryAfterMs: outcome.retryAfterMs }
    case 'refused':
      return final(toldOf('undetermined', outcome.says))
    case 'aborted':
      return outcome
    default:
      return outcome satisfies never
  }
}
