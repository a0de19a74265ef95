import type { KoaContextWithOIDC } from 'oidc-provider'
import { base, Check, Prompt } from 'oidc-provider/lib/helpers/interaction_policy/index.js'
import { readAskedClaims } from './askedClaims.ts'
import type { Directory } from './directory.ts'

/** Names under which parameters pass the protocol library that would judge them otherwise. */
export const passedScope = 'entra_scope'
export const passedClaims = 'entra_claims'

/** The methods of a sign-in, as the session keeps them. */
export const oneFactor: readonly string[] = ['pwd']
export const twoFactors: readonly string[] = ['pwd', 'mfa']

/** The reason for which a second factor is asked for. */
export const stepUp = 'step_up'

/** When somebody is shown a page: what the library asks for, and what Entra asks for besides. */
export function policyFor(directory: Directory) {
  const policy = base()
  policy.add(new Prompt({ name: 'select_account', requestable: true }), 0)
  const checks = policy.get('login')?.checks
  if (checks === undefined) throw new TypeError('the library asks people to sign in')
  checks.add(
    new Check('lost', 'the sign-in no longer counts', 'login_required', ({ oidc }) => {
      const { accountId, acr } = oidc.session ?? {}
      if (accountId === undefined) return false
      // The session keeps there how often the person's sign-ins had been revoked when it began.
      return directory.person(accountId)?.isBlocked !== false || acr !== String(directory.revocations(accountId))
    }),
  )
  checks.add(
    new Check('hint', 'another person is meant', 'login_required', ({ oidc }) => {
      const hint: unknown = oidc.params?.['login_hint']
      const meant = typeof hint === 'string' ? directory.personByHint(hint) : undefined
      const { accountId } = oidc.session ?? {}
      return meant !== undefined && accountId !== undefined && accountId !== meant.id && !hasSignedIn(oidc)
    }),
  )
  checks.add(
    new Check(stepUp, 'a second factor is needed', 'interaction_required', ({ oidc }) => {
      const claims: unknown = oidc.params?.[passedClaims]
      const asked = typeof claims === 'string' ? readAskedClaims(claims) : undefined
      const { accountId, amr } = oidc.session ?? {}
      return accountId !== undefined && (asked?.essential.length ?? 0) > 0 && amr?.includes('mfa') !== true
    }),
  )
  return policy
}

const hasSignedIn = ({ result }: KoaContextWithOIDC['oidc']): boolean => result?.login !== undefined
