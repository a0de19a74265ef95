import type { IdTokenReason } from '../../identity/idTokenVerifier.ts'

interface Ending {
  readonly status: 400 | 403 | 405 | 502 | 503
  /** Whether a new sign-in may go better: the page offers one. */
  readonly isWorthATry: boolean
  readonly outcome: 'denied' | 'failed'
  /** Told to the person, in sentences of ours. */
  readonly says: string
}

const denied = (status: 400 | 403, says: string, isWorthATry = true): Ending => ({
  status,
  isWorthATry,
  outcome: 'denied',
  says,
})
const failed = (status: 502 | 503, says: string): Ending => ({ status, isWorthATry: true, outcome: 'failed', says })

/** How a sign-in may end that lets nobody in: a closed list, with what the person is told. */
export const signInReasons = {
  'duplicate-parameter': denied(400, 'The answer of Entra ID named something twice.'),
  'answer-unreadable': denied(400, 'The answer of Entra ID is not one that the gate reads.'),
  'state-unknown': denied(400, 'This sign-in is not known here, or was ended before: it counts once.'),
  'state-late': denied(400, 'The sign-in took too long.'),
  'other-browser': denied(400, 'This sign-in was begun in another browser, or the browser keeps no cookies.'),
  'issuer-mismatch': denied(400, 'The answer is from elsewhere than the sign-in was sent to.'),
  'refused-by-entra': denied(403, 'Entra ID did not sign you in.'),
  'token-rejected': denied(403, 'What Entra ID said of you does not fit this place.'),
  'tenant-not-allowed': denied(
    403,
    'Your account is of an organization that may not come here. Sign in with another one.',
  ),
  'context-missing': denied(403, 'This page needs a stronger sign-in, and Entra ID did not ask you for it.', false),
  misconfigured: failed(502, 'Entra ID does not accept this gate as what it says to be. Tell who looks after it.'),
  'entra-unreachable': failed(
    503,
    'Entra ID cannot be reached, or does not answer as it should. Try again in a while.',
  ),
  'keys-unreachable': failed(503, 'What Entra ID says cannot be checked just now. Try again in a while.'),
  'store-failed': failed(503, 'The gate cannot keep sign-ins just now. Tell who looks after it.'),
  'record-failed': failed(
    503,
    'The gate cannot write its record just now, and lets nobody in. Tell who looks after it.',
  ),
} as const satisfies Readonly<Record<string, Ending>>
export type SignInReason = keyof typeof signInReasons

/** What a token that was rejected comes to. */
export function reasonOfToken(reason: IdTokenReason): SignInReason {
  if (reason === 'tenant-not-allowed') return 'tenant-not-allowed'
  if (reason === 'keys-unreachable' || reason === 'key-unknown') return 'keys-unreachable'
  return 'token-rejected'
}
