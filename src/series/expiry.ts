import type { Severity } from '../model/finding.ts'

const dayMs = 86_400_000

export type ExpiringKind = 'certificate' | 'revocation-list' | 'secret'

/** How near the end of something is. */
export interface Expiry {
  readonly severity: Extract<Severity, 'critical' | 'high' | 'medium' | 'low'>
  /** Below zero once it is over. */
  readonly daysLeft: number
}

/**
 * From which on somebody has to act, gravest first. Days for what people renew; but never more than that share of the whole
 * life, or what is renewed by itself every few days would always be near its end.
 */
const thresholds: Readonly<
  Record<
    ExpiringKind,
    readonly { readonly severity: Expiry['severity']; readonly days: number; readonly share: number }[]
  >
> = {
  certificate: [
    { severity: 'critical', days: 2, share: 1 / 15 },
    { severity: 'high', days: 7, share: 1 / 6 },
    { severity: 'medium', days: 14, share: 1 / 4 },
    { severity: 'low', days: 30, share: 1 / 3 },
  ],
  secret: [
    { severity: 'critical', days: 2, share: 1 / 15 },
    { severity: 'high', days: 7, share: 1 / 6 },
    { severity: 'medium', days: 14, share: 1 / 4 },
    { severity: 'low', days: 30, share: 1 / 3 },
  ],
  // The next list is published before this one ends; that it was not is news of the last tenth of its life.
  'revocation-list': [
    { severity: 'critical', days: 0.25, share: 1 / 50 },
    { severity: 'high', days: 1, share: 1 / 20 },
    { severity: 'medium', days: 3, share: 1 / 10 },
  ],
}

/**
 * Whether the end of a certificate, a revocation list or a secret is near.
 *
 * @param ends when it stops being valid, and when it began to be where that is known; milliseconds since 1970
 * @returns undefined where it is far, or no time is told; `critical` once it is over
 */
export function expiryOf(
  kind: ExpiringKind,
  ends: { readonly notAfter: number; readonly notBefore?: number },
  now: number,
): Expiry | undefined {
  const { notAfter, notBefore } = ends
  if (!Number.isFinite(notAfter) || !Number.isFinite(now)) return undefined
  const daysLeft = (notAfter - now) / dayMs
  const life =
    notBefore === undefined || !(notBefore < notAfter) ? Number.POSITIVE_INFINITY : (notAfter - notBefore) / dayMs
  if (daysLeft <= 0) return { severity: 'critical', daysLeft }
  const row = thresholds[kind].find(({ days, share }) => daysLeft <= Math.min(days, share * life))
  return row === undefined ? undefined : { severity: row.severity, daysLeft }
}
