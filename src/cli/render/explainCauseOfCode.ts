import type { CauseCode } from '../../model/cause.ts'

/**
 * The cause that a code of the catalog proves by itself. A code that several causes lead to has no row: AADSTS50076
 * also comes of multifactor authentication that is set for one user, a proxy's 403 of a name as well as of a port.
 */
export const causeOfCode: Readonly<Partial<Record<string, CauseCode>>> = Object.freeze({
  AADSTS50011: 'reply-url-mismatch',
  AADSTS70004: 'reply-url-mismatch',
  AADSTS65001: 'consent-missing',
  AADSTS90094: 'consent-missing',
  AADSTS50005: 'conditional-access',
  AADSTS50131: 'conditional-access',
  AADSTS53000: 'conditional-access',
  AADSTS53001: 'conditional-access',
  AADSTS53002: 'conditional-access',
  AADSTS53003: 'conditional-access',
  AADSTS53004: 'conditional-access',
  AADSTS80013: 'clock-skew',
  'HTTP 407 from proxy': 'proxy-auth',
})
