import type { Criterion } from './criterion.ts'
import { denied, held, nobody } from './criterion.ts'

const group = {
  ok: 'group',
  denied: 'group-missing',
  says: 'not a member of any of the groups',
  remedy: 'ask',
} as const
const tooMany = {
  ok: 'groups-known',
  denied: 'groups-over-limit',
  says: 'the token leaves groups out because they are too many, and they were not asked for elsewhere',
  remedy: 'nothing',
} as const
const notTold = {
  ok: 'groups-told',
  denied: 'groups-not-told',
  says: 'the app registration does not put groups into tokens',
  remedy: 'nothing',
} as const
const unreachable = {
  ok: 'directory-asked',
  denied: 'directory-unreachable',
  says: 'the groups could not be asked for: try again later',
  remedy: 'nothing',
} as const

const unknown = { 'over-limit': tooMany, 'not-told': notTold, 'directory-unreachable': unreachable } as const

/** By id, since names change and are not unique. */
export const groups: Criterion<readonly string[]> = {
  what: 'a member of one of these groups, by object id; denied while the groups are not known',
  example: ['5f2f5c0e-7f6b-4b5a-9f0a-3c1f1f7c8a11'],
  reasons: [group, tooMany, notTold, unreachable, nobody],
  judge(wanted, { identity, groups: known }) {
    if (identity === undefined) return denied(nobody)
    if (known === undefined) return denied(notTold)
    if (known.kind === 'unknown') return denied(unknown[known.because])
    return wanted.some((id) => known.ids.has(id)) ? held(group) : denied(group)
  },
}
