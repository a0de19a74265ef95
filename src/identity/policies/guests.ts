import type { AccessRule } from '../../model/route.ts'
import type { Criterion } from './criterion.ts'
import { denied, held, nobody } from './criterion.ts'

const notGuest = {
  ok: 'member',
  denied: 'guest-not-allowed',
  says: 'guests may not come in here',
  remedy: 'nothing',
} as const
const guest = { ok: 'guest', denied: 'guests-only', says: 'this way in is for guests', remedy: 'nothing' } as const
const untold = {
  ok: 'guest-told',
  denied: 'guest-not-told',
  says: 'the token does not tell guests from members: the app registration must ask for the claim acct',
  remedy: 'nothing',
} as const

export const guests: Criterion<NonNullable<AccessRule['guests']>> = {
  what: 'no guest of the tenant (denied), or nobody but guests (only); needs the optional claim acct',
  example: 'denied',
  reasons: [notGuest, guest, untold, nobody],
  judge(wanted, { identity }) {
    if (identity === undefined) return denied(nobody)
    // An app belongs to the tenant that it was registered or consented in, and is no guest.
    const isGuest = identity.kind === 'app' ? false : identity.isGuest
    if (isGuest === undefined) return denied(untold)
    if (wanted === 'only') return isGuest ? held(guest) : denied(guest)
    return isGuest ? denied(notGuest) : held(notGuest)
  },
}
