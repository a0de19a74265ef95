import type { Criterion } from './criterion.ts'
import { denied, held, nobody } from './criterion.ts'

const scope = {
  ok: 'scope',
  denied: 'scope-missing',
  says: 'the app that was signed in to was not granted all of the scopes',
  remedy: 'ask',
} as const

export const scopes: Criterion<readonly string[]> = {
  what: 'all of these delegated scopes',
  example: ['payroll.read'],
  reasons: [scope, nobody],
  judge(wanted, { identity }) {
    if (identity === undefined) return denied(nobody)
    return wanted.every((one) => identity.scopes.includes(one)) ? held(scope) : denied(scope)
  },
}
