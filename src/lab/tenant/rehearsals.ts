import type { Misbehaviour } from './misbehaviour.ts'

/** A way to be wrong by name, for people who rehearse what their gate does then. */
export interface Rehearsal {
  readonly id: string
  /** What the tenant does, and what a gate is to do about it. */
  readonly what: string
  readonly how: Misbehaviour
}

/** What a tenant can be asked to rehearse. */
export const rehearsals: readonly Rehearsal[] = [
  {
    id: 'keys-rotated',
    what: 'a new key signs and the old one is gone: the first new token is verified after one fetch, at most every five minutes',
    how: { keys: 'rotated' },
  },
  {
    id: 'keys-half',
    what: 'every other fetch of the keys lacks the new one, as seen during rollovers: what was known stays known',
    how: { keys: 'half' },
  },
  {
    id: 'keys-of-another-issuer',
    what: 'published keys say that they are for another tenant: nobody is let in by them',
    how: { keys: 'of-another-issuer' },
  },
  {
    id: 'wrong-issuer',
    what: 'tokens name another issuer than the tenant: refused',
    how: { tokens: 'wrong-issuer' },
  },
  { id: 'wrong-audience', what: 'tokens are for another app: refused', how: { tokens: 'wrong-audience' } },
  { id: 'expired', what: 'tokens are out of their time: refused', how: { tokens: 'expired' } },
  {
    id: 'slow',
    what: 'every answer takes five seconds: sign-ins wait, and sessions that are in go on',
    how: { everywhere: { how: 'slow', ms: 5000 } },
  },
  {
    id: 'hang',
    what: 'nothing is answered: sign-ins end with an error page, and sessions hold until their grace is over',
    how: { everywhere: { how: 'hang' } },
  },
  { id: 'errors', what: 'every answer is 503: as above', how: { everywhere: { how: 'status', status: 503 } } },
  { id: 'down', what: 'nothing listens any more: as above', how: { down: true } },
  {
    id: 'refused-at-refresh',
    what: 'whoever is asked about may not come any more (invalid_grant): the session ends',
    how: { refresh: 'invalid_grant' },
  },
  {
    id: 'throttled-at-refresh',
    what: 'asked again, the tenant says 429: sessions hold until their grace is over',
    how: { refresh: 'throttled' },
  },
  {
    id: 'step-up-ignored',
    what: 'a stronger sign-in is asked for and its result left out: the person sees a page and does not go round in circles',
    how: { stepUp: 'ignored' },
  },
  {
    id: 'graph-unavailable',
    what: 'Graph answers 503: rules by groups deny whoever is in more than a token lists, and the record says why',
    how: { graph: 'unavailable' },
  },
]
