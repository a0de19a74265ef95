import { askToken } from './askToken.ts'
import { keyIdOf, tokenFault } from './checkToken.ts'
import { discover } from './discover.ts'
import { endedLook, stoppedLook } from './lookOf.ts'
import type { SignInKind } from './signInKind.ts'
import { subjectOf } from './signInKind.ts'
import { Steps } from './steps.ts'
import { toldOf } from './toldFailures.ts'

/**
 * An app signs in by itself (RFC 6749 §4.4), by certificate or secret, and its token is held against the rules of the
 * gate. Without a scope the token is for Microsoft Graph, which every tenant has.
 */
export const clientCredentials: SignInKind = {
  async look(signIn, means, limits) {
    const steps = new Steps(subjectOf(signIn.name), means, limits)
    const at = steps.now()
    const { client = '', scope = `https://${means.authority.graphHost}/.default` } = signIn
    const proof = await means.proof(signIn)
    if ('why' in proof) {
      const told = toldOf('tool-limit', `the app has nothing to prove itself with: ${proof.why}`, {
        verdict: 'wrong',
        owner: 'app',
        confidence: 'certain',
        fix: 'Give the certificate or the secret that watch.sign-ins names',
      })
      return stoppedLook(at, steps, { kind: 'failed', told })
    }
    const discovered = await discover(steps, means)
    if (!discovered.ok) return stoppedLook(at, steps, discovered.outcome)
    const { keys, tenant } = discovered
    const form = { grant_type: 'client_credentials', scope }
    const tokens = await askToken(steps, means, { tenant, client, proof: proof.ok, form })
    if (!tokens.ok) return stoppedLook(at, steps, tokens.outcome, { keys })
    const { accessToken: token, expiresIn } = tokens
    const fault = await tokenFault({ token, scope, expiresIn, accepts: 'apps' }, signIn, steps, means, discovered)
    const signedBy = keyIdOf(token)
    return endedLook(at, steps, fault, { keys, ...(signedBy !== undefined && { signedBy }) })
  },
}
