import type { Criterion } from './criterion.ts'
import { denied, held, nobody } from './criterion.ts'

const method = {
  ok: 'authentication-method',
  denied: 'authentication-method-missing',
  says: 'the sign-in did not use any of the methods that are asked for',
  remedy: 'ask',
} as const
const untold = {
  ok: 'authentication-methods-told',
  denied: 'authentication-methods-not-told',
  says: 'tokens of version 2.0 do not tell by which methods somebody signed in: ask for an authentication context',
  remedy: 'nothing',
} as const

/** A rule of its own, and never in the place of an authentication context. */
export const authenticationMethods: Criterion<readonly string[]> = {
  what: 'a sign-in by one of these methods (amr), of which tokens of version 1.0 alone tell',
  example: ['mfa'],
  reasons: [method, untold, nobody],
  judge(wanted, { identity }) {
    if (identity === undefined) return denied(nobody)
    if (identity.tokenVersion !== '1.0') return denied(untold)
    return wanted.some((one) => identity.authenticationMethods.includes(one)) ? held(method) : denied(method)
  },
}
