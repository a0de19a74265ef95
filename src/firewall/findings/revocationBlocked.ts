import type { Finding } from '../../model/finding.ts'
import type { Audited, AuditedFlow } from '../audited.ts'
import { capped } from './capped.ts'
import { isRevocation } from './flowEnds.ts'
import {
  denyingStep,
  gravityOf,
  isDenied,
  placeOfConcerns,
  spokenFlows,
  spokenStep,
  stepGroups,
  wanted,
} from './stepGroups.ts'

/**
 * Revocation lists and responders on port 80 that are denied on the way on which 443 passes: TLS is set up, nobody can
 * say whether the certificate holds, and clients wait or refuse.
 */
export function revocationBlocked({ flows }: Audited): readonly Finding[] {
  const open = wanted(flows)
  const passing = open.filter(({ asked, judged }) => judged.verdict === 'allow' && isHttps(asked))
  const concerns = open.flatMap((flow) => {
    if (!isRevocation(flow)) return []
    const part = flow.judged.parts.find((one) => isDenied(one) && denyingStep(one)?.answer !== true)
    if (part === undefined || !passing.some((other) => isSameWay(flow, other))) return []
    return [{ flow, part, step: denyingStep(part) }]
  })
  return capped(
    stepGroups(concerns).map((group): Finding => {
      const [{ flow }] = group
      const beside = passing.find((other) => isSameWay(flow, other))
      const via = flow.planned?.via
      return {
        code: 'revocation-blocked',
        severity: gravityOf(group),
        what: `${spokenStep(group[0].step)} denies revocation checks: ${spokenFlows(group)}`,
        why: `${beside?.title ?? '443'} passes on the same way${via === undefined ? '' : `, through ${via}`}, and its certificate cannot be checked: clients wait for the answer, and some refuse`,
        next: 'allow tcp 80 to the revocation hosts on the way that the service itself takes; then audit again',
        ...placeOfConcerns(group),
      }
    }),
  )
}

function isHttps({ transport, ports }: AuditedFlow['asked']): boolean {
  return transport === 'tcp' && ports.some(({ first, last }) => first <= 443 && 443 <= last)
}

/** Whether two flows set out from the same end and meet the same devices. */
function isSameWay(flow: AuditedFlow, other: AuditedFlow): boolean {
  const source = ({ asked }: AuditedFlow): string => asked.source.map(({ first, last }) => `${first}-${last}`).join()
  const way = ({ devices }: AuditedFlow): string => devices.map(({ label }) => label).join('\n')
  return source(flow) === source(other) && way(flow) === way(other)
}
