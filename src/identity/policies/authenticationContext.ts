import type { Criterion } from './criterion.ts'
import { denied, held, nobody } from './criterion.ts'

const context = {
  ok: 'authentication-context',
  denied: 'authentication-context-missing',
  says: 'this needs a stronger sign-in',
  remedy: 'step-up',
} as const
const notForApps = {
  ok: 'context-of-person',
  denied: 'authentication-context-of-app',
  says: 'this needs a sign-in of a person: conditional access has no authentication contexts for apps',
  remedy: 'nothing',
} as const

/** What a sign-in satisfied stands in the token (`acrs`); that it was asked for says nothing. */
export const authenticationContext: Criterion<string> = {
  what: 'a sign-in that satisfied this authentication context of conditional access, c1 to c99',
  example: 'c1',
  reasons: [context, notForApps, nobody],
  judge(wanted, { identity }) {
    if (identity === undefined) return denied(nobody)
    if (identity.kind === 'app') return denied(notForApps)
    return identity.authenticationContexts.includes(wanted) ? held(context) : denied(context)
  },
}
