import type { Criterion } from './criterion.ts'
import { held } from './criterion.ts'

const open = {
  ok: 'anonymous',
  denied: 'anonymous-denied',
  says: 'nobody may come in unnamed',
  remedy: 'sign-in',
} as const

export const anonymous: Criterion<true> = {
  what: 'nothing: whoever comes is let in, and nobody is asked to sign in',
  example: true,
  reasons: [open],
  judge: () => held(open),
}
