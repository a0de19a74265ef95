import { decodeJwt, decodeProtectedHeader } from 'jose'
import type { FetchJson } from '../../identity/index.ts'
import { TokenVerifier } from '../../identity/index.ts'
import { isGuid } from '../../model/guid.ts'
import type { SyntheticSignIn } from '../../model/watch.ts'
import type { Told } from '../news.ts'
import type { Discovered } from './discover.ts'
import type { SignInMeans } from './signInKind.ts'
import type { Steps } from './steps.ts'
import { jsonOf } from './steps.ts'
import { tokenTold, toldOf } from './toldFailures.ts'

/** Tokens that last less than Entra ID lets them be configured to (10 minutes) are renewed more often than they are used. */
const usualLeastMinutes = 10

export interface TokenFacts {
  readonly token: string
  /** What was asked for, with `/.default` or without. */
  readonly scope: string
  /** `expires_in` of the answer. */
  readonly expiresIn: unknown
  readonly accepts: 'users' | 'apps'
}

/** What is wrong with an access token, by the rules of the gate; undefined: nothing. */
export async function tokenFault(
  { token, scope, expiresIn, accepts }: TokenFacts,
  signIn: SyntheticSignIn,
  steps: Steps,
  means: SignInMeans,
  discovered: Discovered,
): Promise<Told | undefined> {
  const { authority } = means
  const leastSec = (signIn.leastMinutes ?? usualLeastMinutes) * 60
  const verifier = new TokenVerifier({
    cloud: 'worldwide',
    authority,
    tenants: [discovered.tenant],
    audiences: audiencesOf(scope, signIn, means.audiences),
    accepts,
    rememberSec: 0,
    fetchJson: fetchKnown(steps, discovered),
    now: () => steps.now(),
  })
  const verdict = await verifier.verify(token)
  if (!verdict.ok) {
    // Nobody but Graph can verify its tokens, which are to be opaque to all others.
    if (verdict.reason === 'token-of-graph' && isForGraph(scope, authority.graphHost))
      return graphFault(expiresIn, leastSec)
    return tokenTold('the token', verdict.reason)
  }
  const { issuedAt, expiresAt } = verdict.identity
  const claims = decodeJwt(token)
  return lifetimeFault(expiresAt - issuedAt, leastSec) ?? claimsFault(claims, signIn.claims ?? {})
}

/** The id of the key that a token is signed with, where it is what ids are. */
export function keyIdOf(token: string): string | undefined {
  try {
    const { kid } = decodeProtectedHeader(token)
    return typeof kid === 'string' && /^[\w-]{1,100}$/.test(kid) ? kid : undefined
  } catch {
    return undefined
  }
}

const isForGraph = (scope: string, graphHost: string): boolean => scope.startsWith(`https://${graphHost}/`)

function graphFault(expiresIn: unknown, leastSec: number): Told | undefined {
  return typeof expiresIn === 'number'
    ? lifetimeFault(expiresIn, leastSec)
    : toldOf('undetermined', 'the answer of the token endpoint says no lifetime', { owner: 'cloud', verdict: 'wrong' })
}

function lifetimeFault(seconds: number, leastSec: number): Told | undefined {
  if (seconds >= leastSec) return undefined
  const says = `the token lasts ${Math.round(seconds / 60)} minutes, and at least ${leastSec / 60} are wanted`
  return toldOf('wrong-registration', says, {
    verdict: 'degraded',
    confidence: 'certain',
    owner: 'cloud',
    fix: 'Look at the token lifetime policies of the tenant (tokenLifetimePolicy), or lower least-minutes of the sign-in',
  })
}

function claimsFault(
  claims: Readonly<Record<string, unknown>>,
  wanted: Readonly<Record<string, string>>,
): Told | undefined {
  const lacking = Object.entries(wanted).filter(([name, value]) => {
    const told = Object.hasOwn(claims, name) ? claims[name] : undefined
    return ![told].flat().some((one) => (typeof one === 'object' ? false : String(one) === value))
  })
  if (lacking.length === 0) return undefined
  const named = lacking.map(([name, value]) => `${name} with ${value}`).join(', ')
  return toldOf('wrong-registration', `the token has no claim ${named}`, {
    verdict: 'wrong',
    confidence: 'certain',
    fix: 'Assign the app role or the claim to the app in the registration of the API, or correct claims: of the sign-in',
  })
}

/** `api://{id}/.default` may be told as the client id, as the App ID URI, or as the site says. */
function audiencesOf(scope: string, { audience }: SyntheticSignIn, ofGate: readonly string[]): readonly string[] {
  const resource = scope.replace(/\/[^/]*$/, '')
  const id = resource.replace(/^api:\/\//, '')
  if (audience !== undefined) return [audience]
  return [resource, ...(isGuid(id) ? [id.toLowerCase()] : ofGate)]
}

/** The documents of this look are at hand; those of v1.0 tokens are fetched. */
function fetchKnown(steps: Steps, { documents }: Discovered): FetchJson {
  return async (url) => {
    const known = documents.get(url)
    if (known !== undefined) return known
    const answer = await steps.ask({ url, what: 'the signing keys' })
    if (!answer.ok || answer.status !== 200) throw new Error('no keys')
    return jsonOf(answer)
  }
}
