import { createHash } from 'node:crypto'
import { decodeJwt } from 'jose'
import { IdTokenVerifier } from '../../identity/idTokenVerifier.ts'
import type { SyntheticSignIn } from '../../model/watch.ts'
import { askToken, endpointOf, readError } from './askToken.ts'
import { keyIdOf, tokenFault } from './checkToken.ts'
import type { Discovered } from './discover.ts'
import { discover } from './discover.ts'
import type { Came } from './lookOf.ts'
import { endedLook, stoppedLook } from './lookOf.ts'
import type { AppProof, SignInKind, SignInLook, SignInMeans, SignInOutcome } from './signInKind.ts'
import { subjectOf } from './signInKind.ts'
import { Steps } from './steps.ts'
import { entraTold, tokenTold, toldOf } from './toldFailures.ts'

type Stopped = Exclude<SignInOutcome, { kind: 'well' }>

const noBrowser =
  'the sign-in page of Entra ID is a program that runs in a browser, and Postern is none: it does not play one, and sends no password in its place (ROPC). Watch it with kind before-credentials up to that page, and with client-credentials to the token'
const hasRoles = 'the account has directory roles: an account that signs in by itself must have none. Take another one'
const wantsFactor =
  'a second factor is asked for, which no program has: that is right as it is. Watch with client-credentials what is behind it'

/**
 * A test account signs in by the pages of a tenant that is played: authorization code with PKCE (RFC 7636). Entra's own
 * pages are not driven, and an account with directory roles is not signed in twice.
 */
export const user: SignInKind = {
  async look(signIn, means, limits) {
    const steps = new Steps(subjectOf(signIn.name), means, limits)
    const at = steps.now()
    if (!means.isPlayed) return stoppedLook(at, steps, { kind: 'refused', says: noBrowser })
    const proof =
      signIn.certificate === undefined && signIn.secret === undefined ? undefined : await means.proof(signIn)
    if (proof !== undefined && 'why' in proof) {
      const says = `the app has nothing to prove itself with: ${proof.why}`
      const told = toldOf('tool-limit', says, { verdict: 'wrong', owner: 'app', confidence: 'certain' })
      return stoppedLook(at, steps, { kind: 'failed', told })
    }
    const discovered = await discover(steps, means)
    if (!discovered.ok) return stoppedLook(at, steps, discovered.outcome)
    return new UserSignIn(signIn, means, { steps, at, discovered, proof: proof?.ok }).end()
  },
}

interface Begun {
  readonly steps: Steps
  readonly at: number
  readonly discovered: Discovered
  readonly proof: AppProof | undefined
}

const mostPages = 12

class UserSignIn {
  readonly #signIn: SyntheticSignIn
  readonly #means: SignInMeans
  readonly #begun: Begun
  readonly #state: string
  readonly #nonce: string
  readonly #verifier: string

  constructor(signIn: SyntheticSignIn, means: SignInMeans, begun: Begun) {
    this.#signIn = signIn
    this.#means = means
    this.#begun = begun
    const random = (): string => Buffer.from(means.net.random(32)).toString('base64url')
    this.#state = random()
    this.#nonce = random()
    this.#verifier = random()
  }

  async end(): Promise<SignInLook> {
    const { steps, at, discovered, proof } = this.#begun
    const { client = '', redirectUri = '' } = this.#signIn
    const came: Came = { keys: discovered.keys }
    const code = await this.#code()
    if (typeof code !== 'string') return stoppedLook(at, steps, code, came)
    const form = {
      grant_type: 'authorization_code',
      redirect_uri: redirectUri,
      code_verifier: this.#verifier,
      code,
      scope: this.#scope,
    }
    const asked = { tenant: discovered.tenant, client, form, ...(proof !== undefined && { proof }) }
    const tokens = await askToken(steps, this.#means, asked)
    if (!tokens.ok) return stoppedLook(at, steps, tokens.outcome, came)
    const { accessToken: token, idToken = '', expiresIn } = tokens
    const documents = new IdTokenVerifier({
      authority: this.#means.authority,
      tenants: new Set([discovered.tenant]),
      client,
      fetchJson: async (url) => discovered.documents.get(url),
      now: () => steps.now(),
    })
    const verdict = await documents.verify(idToken, { nonce: this.#nonce })
    if (!verdict.ok) return endedLook(at, steps, tokenTold('the ID token', verdict.reason), came)
    if ([idToken, token].some(tellsRoles)) return stoppedLook(at, steps, { kind: 'refused', says: hasRoles }, came)
    const facts = { token, scope: this.#resource, expiresIn, accepts: 'users' as const }
    const fault = await tokenFault(facts, this.#signIn, steps, this.#means, discovered)
    const signedBy = keyIdOf(idToken)
    return endedLook(at, steps, fault, { ...came, ...(signedBy !== undefined && { signedBy }) })
  }

  /** Without a scope of an API the token is for Microsoft Graph. */
  get #resource(): string {
    return this.#signIn.scope ?? `https://${this.#means.authority.graphHost}/User.Read`
  }

  get #scope(): string {
    return `openid profile ${this.#resource}`
  }

  /** Goes through the pages as a person does, up to the address that leads back to the app. */
  async #code(): Promise<string | Stopped> {
    const { steps, discovered } = this.#begun
    const { client = '', redirectUri = '', account } = this.#signIn
    const query = new URLSearchParams({
      client_id: client,
      response_type: 'code',
      response_mode: 'query',
      redirect_uri: redirectUri,
      scope: this.#scope,
      state: this.#state,
      nonce: this.#nonce,
      code_challenge: createHash('sha256').update(this.#verifier).digest('base64url'),
      code_challenge_method: 'S256',
      login_hint: account?.name ?? '',
    })
    let url = `${endpointOf(this.#means, discovered.tenant, 'authorize')}?${query}`
    let form: URLSearchParams | undefined
    let hasPicked = false
    for (let seen = 0; seen < mostPages; seen += 1) {
      const answer = await steps.ask({ url, what: 'the sign-in page', measure: 'authorize-ms', ...(form && { form }) })
      if (!answer.ok) return answer.outcome
      form = undefined
      if (answer.status >= 300 && answer.status < 400 && answer.location !== undefined) {
        const to = new URL(answer.location, url)
        if (to.href.startsWith(`${redirectUri}?`)) return this.#codeIn(to)
        if (to.host !== this.#means.authority.host) {
          return failed(
            toldOf('undetermined', 'the sign-in page leads to another host', { owner: 'cloud', verdict: 'wrong' }),
          )
        }
        url = to.href
        continue
      }
      const text = new TextDecoder().decode(answer.body)
      const code = /AADSTS(\d{4,9})\b/.exec(text)?.[1]
      if (code !== undefined) return failed(entraTold('the sign-in page', { code, correlation: 'not sent' }))
      if (/id="number"/.test(text)) return failed(toldOf('conditional-access', wantsFactor, { confidence: 'certain' }))
      const person = hasPicked ? undefined : personOn(text, account?.name ?? '')
      if (person === undefined) {
        const says = 'the sign-in page does not offer the test account, or goes on with what Postern does not know'
        return failed(toldOf('undetermined', says, { owner: 'directory', verdict: 'wrong' }))
      }
      hasPicked = true
      form = new URLSearchParams({ person })
    }
    return failed(toldOf('redirect-loop', 'the sign-in page leads on and on'))
  }

  /** The answer is ours (state), and of the tenant that was asked (RFC 9207). */
  #codeIn(to: URL): string | Stopped {
    const told = Object.fromEntries(to.searchParams)
    const code = told['code']
    if (
      told['state'] !== this.#state ||
      (told['iss'] ?? this.#begun.discovered.issuer) !== this.#begun.discovered.issuer
    ) {
      const says = 'the answer of the sign-in page belongs to another question, or is of another issuer'
      return failed(toldOf('undetermined', says, { owner: 'cloud', verdict: 'wrong' }))
    }
    if (code !== undefined) return code
    return failed(entraTold('the sign-in', { ...readError(told), correlation: 'not sent' }))
  }
}

const failed = (told: ReturnType<typeof toldOf>): Stopped => ({ kind: 'failed', told })

/** Template ids of directory roles: https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference */
function tellsRoles(token: string): boolean {
  try {
    const { wids } = decodeJwt(token)
    // Each member of the tenant has this one, which stands for no role.
    const all = Array.isArray(wids) ? wids.filter((id) => id !== 'b79fbf4d-3ef9-4689-8143-76b194e85509') : []
    return all.length > 0
  } catch {
    return false
  }
}

/** The button of the built-in tenant's page that stands for an account. */
function personOn(page: string, account: string): string | undefined {
  const buttons = page.matchAll(/<button name="person" value="([\da-f-]{36})">[^<]*<small>([^<]*)<\/small>/g)
  const wanted = account.toLowerCase()
  for (const [, id, name] of buttons) if (unescaped(name ?? '').toLowerCase() === wanted) return id
  return undefined
}

const unescaped = (text: string): string =>
  text.replaceAll(/&#(\d{1,3});/g, (_, number) => String.fromCharCode(Number(number)))
