import type { Criterion } from './criterion.ts'
import { denied, held } from './criterion.ts'

const any = {
  ok: 'certificate',
  denied: 'certificate-missing',
  says: 'no client certificate was presented that this gate trusts',
  remedy: 'nothing',
} as const
const listed = {
  ok: 'certificate-listed',
  denied: 'certificate-not-listed',
  says: 'this client certificate is not one of those that may come in here',
  remedy: 'nothing',
} as const

export const clientCertificates: Criterion<readonly string[]> = {
  what: 'a client certificate that was verified; where fingerprints are named, one of these',
  example: [],
  reasons: [any, listed],
  judge(fingerprints, { certificateSha256 }) {
    if (certificateSha256 === undefined) return denied(any)
    if (fingerprints.length === 0) return held(any)
    return fingerprints.includes(certificateSha256) ? held(listed) : denied(listed)
  },
}
