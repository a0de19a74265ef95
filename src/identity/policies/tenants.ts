import type { Criterion } from './criterion.ts'
import { denied, held, nobody } from './criterion.ts'

const tenant = {
  ok: 'tenant',
  denied: 'tenant-not-allowed',
  says: 'this tenant is not one of those that may come in here',
  remedy: 'nothing',
} as const

export const tenants: Criterion<readonly string[]> = {
  what: 'an account of one of these tenants, by id',
  example: ['3f0f9b6e-9c1d-4a7e-8f6a-2f4a1c5d7e90'],
  reasons: [tenant, nobody],
  judge(wanted, { identity }) {
    if (identity === undefined) return denied(nobody)
    return wanted.includes(identity.tenantId) ? held(tenant) : denied(tenant)
  },
}
