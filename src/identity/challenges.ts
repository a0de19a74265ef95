import type { Authority } from './authorities.ts'
import type { Identity } from './identity.ts'
import type { TokenReason } from './tokenReasons.ts'
import { tokenReasons } from './tokenReasons.ts'

/** What an API client is answered that is not let in: a status, and the `WWW-Authenticate` fields that go with it. */
export interface Challenge {
  readonly status: 401 | 403
  readonly authenticate: readonly string[]
}

/** The answer to a token that is not accepted (RFC 6750 §3), or to none. */
export function tokenChallenge(reason: TokenReason): Challenge {
  switch (reason) {
    case 'no-token':
      return { status: 401, authenticate: ['Bearer realm=""'] }
    case 'user-not-allowed':
    case 'app-not-allowed':
      return { status: 403, authenticate: [] }
    default:
      return {
        status: 401,
        authenticate: [`Bearer realm="", error="invalid_token", error_description="${quotable(tokenReasons[reason])}"`],
      }
  }
}

/** An authentication context of conditional access: c1 to c99. */
export function isAuthenticationContext(text: string): boolean {
  return /^c[1-9][0-9]?$/.test(text)
}

/**
 * The answer to a caller whose sign-in was not strong enough: Entra's claims challenge for clients that say that they
 * understand it, with the step-up challenge of RFC 9470 §3 beside it; nothing but a refusal for others, which would ask
 * again with the same token for ever.
 * https://learn.microsoft.com/entra/identity-platform/claims-challenge
 *
 * @param context one that the token's `acrs` must hold, such as c1
 * @throws RangeError for what is no authentication context
 */
export function stepUpChallenge(identity: Identity, context: string, { host }: Authority): Challenge {
  if (!isAuthenticationContext(context)) throw new RangeError(`${context} is no authentication context: c1 to c99`)
  // Contexts are of people's sign-ins; an app cannot step up.
  if (identity.kind === 'app' || !identity.takesClaimsChallenges) return { status: 403, authenticate: [] }
  const claims = btoa(JSON.stringify({ access_token: { acrs: { essential: true, value: context } } }))
  return {
    status: 401,
    authenticate: [
      // An empty realm demands the endpoint of all tenants.
      `Bearer realm="", authorization_uri="https://${host}/common/oauth2/authorize", error="insufficient_claims", claims="${claims}"`,
      `Bearer realm="", error="insufficient_user_authentication", error_description="a stronger sign-in is needed", acr_values="${context}"`,
    ],
  }
}

/** Fit to stand in a quoted string (RFC 9110 §5.6.4); RFC 6750 §3 allows neither quotes nor backslashes there. */
function quotable(text: string): string {
  return text.replaceAll('"', "'").replaceAll('\\', '/')
}
