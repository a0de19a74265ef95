import type { CauseCode } from '../model/cause.ts'
import type { CertificateFacts } from '../model/certificateFacts.ts'
import type { Observation } from '../model/observation.ts'
import type { Service } from '../model/service.ts'
import type { Case } from './case.ts'
import { coversHost } from './certificateNames.ts'
import type { Match } from './rule.ts'
import { firstMatch, stretchesOf } from './rule.ts'
import { lookAt } from './seen.ts'
import { handshakeRules } from './tls.ts'
import { certificateRules, interceptionRules } from './trust.ts'

/** What a client that goes on under TLS meets at a directory, as it meets it where TLS is spoken from the start. */
export interface StartTlsTrouble {
  readonly cause: CauseCode
  readonly match: Match
  /** Of the certificate that was shown, and where. */
  readonly sha256: string
  readonly address: string
}

const stretches = stretchesOf([...interceptionRules, ...handshakeRules, ...certificateRules])

/** The same directory under TLS from the start: its clients are the same, and hold it to the same names. */
const underTls: Readonly<Partial<Record<Service, Service>>> = Object.freeze({ ldap: 'ldaps', gc: 'gcs' })

/**
 * Judges the handshake behind StartTLS (RFC 4511 §4.14) by the rules of one that is the flow's own. Nothing where the
 * directory was not asked, did not agree, or shows what its clients take. What it says is no verdict of the flow: LDAP in
 * the clear works all the same.
 */
export function startTlsTrouble({ flow, observations, context }: Case): StartTlsTrouble | undefined {
  const service = underTls[flow.target.service]
  const shown = observations.find(
    (one) => one.kind === 'tls-handshake' && one.role === 'posture' && one.varies === 'tls',
  )
  if (service === undefined || shown?.kind !== 'tls-handshake' || shown.outcome !== 'established') return undefined
  const [leaf] = shown.chain
  const seen = lookAt({
    flow: { ...flow, target: { ...flow.target, service } },
    observations: observations.map((one) => (one === shown ? { ...shown, role: 'probe' } : one)),
    context,
  })
  const found = firstMatch(stretches, seen)
  if (found === undefined || leaf === undefined) return undefined
  if (found.rule.cause === 'name-mismatch' && namesItself(leaf, observations)) return undefined
  return { cause: found.rule.cause, match: found.match, sha256: leaf.sha256, address: shown.address }
}

/**
 * Whether a certificate has the name that the directory gives itself. An alias that leads there is good for LDAP in the
 * clear, and nobody knows whether clients go by it under TLS.
 */
function namesItself(leaf: CertificateFacts, observations: readonly Observation[]): boolean {
  return observations.some(
    (one) =>
      one.kind === 'service-exchange' &&
      one.answer?.kind === 'root-dse' &&
      one.answer.dnsHostName !== undefined &&
      coversHost(leaf, one.answer.dnsHostName) === true,
  )
}
