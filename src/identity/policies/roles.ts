import type { Criterion } from './criterion.ts'
import { denied, held, nobody } from './criterion.ts'

const role = { ok: 'role', denied: 'role-missing', says: 'none of the app roles is assigned', remedy: 'ask' } as const

export const roles: Criterion<readonly string[]> = {
  what: 'one of these app roles, as they are assigned in Entra ID',
  example: ['Payroll.Admin'],
  reasons: [role, nobody],
  judge(wanted, { identity }) {
    if (identity === undefined) return denied(nobody)
    return wanted.some((one) => identity.roles.includes(one)) ? held(role) : denied(role)
  },
}
