import { configurationUrl, issuerOf } from '../../identity/authorities.ts'
import { isGuid } from '../../model/guid.ts'
import { membersOf } from '../../model/membersOf.ts'
import type { PublishedKeys } from './publishedKeys.ts'
import { readPublishedKeys } from './publishedKeys.ts'
import type { SignInMeans, SignInOutcome } from './signInKind.ts'
import type { Steps } from './steps.ts'
import { jsonOf } from './steps.ts'
import { statusTold, toldOf } from './toldFailures.ts'

/** What a tenant says of itself. */
export interface Discovered {
  readonly ok: true
  /** Its id, in lower case. */
  readonly tenant: string
  readonly issuer: string
  /** By address, for whoever verifies tokens. */
  readonly documents: ReadonlyMap<string, unknown>
  readonly keys: PublishedKeys
}

type Ended = { readonly ok: false; readonly outcome: Exclude<SignInOutcome, { kind: 'well' }> }

const wrong = (says: string, fix?: string): Ended => ({
  ok: false,
  outcome: {
    kind: 'failed',
    told: toldOf('undetermined', says, { owner: 'cloud', verdict: 'wrong', ...(fix !== undefined && { fix }) }),
  },
})

/** Reads the OpenID configuration of the tenant and its keys, as the gate does, and holds both against what they must be. */
export async function discover(steps: Steps, { authority, tenant }: SignInMeans): Promise<Discovered | Ended> {
  const url = configurationUrl(tenant.toLowerCase(), '2.0', authority)
  const answer = await steps.ask({ url, what: 'the discovery document', measure: 'discovery-ms' })
  if (!answer.ok) return answer
  if (answer.status !== 200) {
    const isUnknown = answer.status === 400 || answer.status === 404
    const told = isUnknown
      ? toldOf('wrong-registration', `${authority.host} knows no tenant ${tenant}`, {
          fix: 'Correct tenant: of the site file, or the cloud',
          confidence: 'certain',
        })
      : statusTold('the discovery document', answer.status)
    return { ok: false, outcome: { kind: 'failed', told } }
  }
  const configuration = jsonOf(answer)
  const { issuer, jwks_uri: place, token_endpoint: tokens } = membersOf(configuration)
  const id = typeof issuer === 'string' ? /\/([\da-f-]{36})\/v2\.0$/.exec(issuer)?.[1] : undefined
  if (
    id === undefined ||
    issuer !== issuerOf(id, '2.0', authority) ||
    (isGuid(tenant) && id !== tenant.toLowerCase())
  ) {
    return wrong('the discovery document names another issuer than the tenant: tokens of it are not accepted')
  }
  if (!isOf(authority.host, place))
    return wrong('the discovery document says that the keys are at another host: the gate fetches none there')
  if (!isOf(authority.host, tokens))
    return wrong('the discovery document says that tokens are to be had at another host: no credential is sent there')
  const keysAnswer = await steps.ask({ url: place, what: 'the signing keys' })
  if (!keysAnswer.ok) return keysAnswer
  const document = jsonOf(keysAnswer)
  const keys = keysAnswer.status === 200 ? await readPublishedKeys(document) : undefined
  if (keys === undefined) return wrong('what the tenant publishes holds no signing key')
  const documents = new Map([
    [url, configuration],
    [configurationUrl(id, '2.0', authority), configuration],
    [place, document],
  ])
  return { ok: true, tenant: id, issuer, documents, keys }
}

function isOf(host: string, url: unknown): url is string {
  if (typeof url !== 'string' || !URL.canParse(url)) return false
  const { protocol, host: told, username, password } = new URL(url)
  return protocol === 'https:' && told === host && username + password === ''
}
