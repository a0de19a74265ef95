import type { Criterion } from './criterion.ts'
import { denied, held, nobody } from './criterion.ts'

export const signedIn: Criterion<true> = {
  what: 'anybody who has signed in',
  example: true,
  reasons: [nobody],
  judge: (_, { identity }) => (identity === undefined ? denied(nobody) : held(nobody)),
}
