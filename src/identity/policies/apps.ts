import type { AccessRule } from '../../model/route.ts'
import type { AccessRequest, Criterion, Judged } from './criterion.ts'
import { denied, held, nobody } from './criterion.ts'

const app = {
  ok: 'app-allowed',
  denied: 'app-not-allowed',
  says: 'apps may not come in here with a token of their own',
  remedy: 'nothing',
} as const
const appOnly = {
  ok: 'app',
  denied: 'apps-only',
  says: 'this way in is for apps, not for people',
  remedy: 'nothing',
} as const

export const apps: Criterion<NonNullable<AccessRule['apps']>> = {
  what: 'also apps with a token of their own (allowed), or nobody but them (only); without it no app comes in',
  example: 'allowed',
  reasons: [app, appOnly, nobody],
  judge(wanted, { identity }) {
    if (identity === undefined) return denied(nobody)
    if (wanted === 'only') return identity.kind === 'app' ? held(appOnly) : denied(appOnly)
    return held(app)
  },
}

const person = { ...app, ok: 'person' }

/** What a rule without it means: a daemon that holds the same role gets in only where that is said. */
export function judgePeopleAlone({ identity }: AccessRequest): Judged {
  return identity?.kind === 'app' ? denied(person) : held(person)
}
