import type { CertificateFacts } from '../../model/certificateFacts.ts'
import type { Suspect } from '../../model/incident.ts'
import type { ExpiringKind } from '../../series/index.ts'
import { expiryOf } from '../../series/index.ts'
import type { Found } from './found.ts'

/** Something that ends at a time. */
export interface Expiring {
  /** `certificate:3f…`, `crl:http://…`, `secret:daemon`. */
  readonly subject: string
  readonly kind: ExpiringKind
  /** What people know it by. */
  readonly name: string
  /** Milliseconds since 1970. */
  readonly notAfter: number
  readonly notBefore?: number
  /** Where it was seen, or stands. */
  readonly where: string
}

const codes = {
  certificate: 'certificate-expires',
  'revocation-list': 'crl-expires',
  secret: 'secret-expires',
} as const

export function codeOf({ kind }: Pick<Expiring, 'kind'>): Found['code'] {
  return codes[kind]
}

const fixes: Readonly<Record<ExpiringKind, string>> = {
  certificate: 'renew it, and bind the new one to the service',
  'revocation-list': 'have the CA publish a new list, and look at why it has not',
  secret: 'have a new one made, and put it where the old one is',
}

/**
 * Something whose end is near; undefined where it is far. What is over already is left to the looks, which fail by it, as
 * long as nobody was told before.
 */
export function nearEnd(one: Expiring, now: number, wasTold: boolean): Found | undefined {
  const { subject, kind, name, notAfter, notBefore, where } = one
  const expiry = expiryOf(kind, { notAfter, ...(notBefore !== undefined && { notBefore }) }, now)
  if (expiry === undefined || (expiry.daysLeft <= 0 && !wasTold && kind !== 'secret')) return undefined
  const { severity, daysLeft } = expiry
  return {
    subject,
    title: `${name} at ${where}`,
    code: codes[kind],
    since: now,
    says: `${name}, ${where}, ${daysLeft <= 0 ? 'was' : 'is'} valid until ${new Date(notAfter).toISOString().slice(0, 10)}${leftWords(daysLeft)}`,
    severity,
    confidence: 'certain',
    owner: 'pki',
    fix: fixes[kind],
    suspect: suspectOf(one),
    mark: severity,
  }
}

function leftWords(days: number): string {
  if (days <= 0) return ''
  return days < 2 ? `, ${Math.max(1, Math.round(days * 24))} h from now` : `, ${Math.floor(days)} days from now`
}

function suspectOf({ subject, kind, name }: Expiring): Suspect {
  return kind === 'secret' ? { kind: 'secret', name } : { kind: 'certificate', name: subject.replace(/^\w+:/, '') }
}

/** A certificate of a chain that was shown. Roots are of the reader's own store, and none of the one who shows. */
export function expiringCertificate(shown: CertificateFacts, where: string): Expiring {
  const commonName = /(?:^|,)CN=((?:\\.|[^,\\])+)/.exec(shown.subject)?.[1] ?? shown.subject
  return {
    subject: `certificate:${shown.sha256.toLowerCase()}`,
    kind: 'certificate',
    name: `the certificate of ${commonName}`,
    notAfter: Date.parse(shown.notAfter),
    notBefore: Date.parse(shown.notBefore),
    where,
  }
}
