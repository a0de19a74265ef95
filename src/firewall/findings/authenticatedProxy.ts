import type { Finding } from '../../model/finding.ts'
import type { Audited } from '../audited.ts'
import { capped } from './capped.ts'
import { isOfService, isProxy } from './flowEnds.ts'
import { gravityOf, placeOfConcerns, spokenFlows, spokenStep, stepGroups, wanted } from './stepGroups.ts'

/** Flows of services for which a proxy wants somebody to sign in: a service has nobody who could. */
export function authenticatedProxy({ flows }: Audited): readonly Finding[] {
  const concerns = wanted(flows).flatMap((flow) => {
    if (!isOfService(flow)) return []
    const proxies = new Set(flow.devices.filter(isProxy).map(({ label }) => label))
    const part = flow.judged.parts.find(
      ({ verdict, at, dependsOn }) =>
        verdict === 'may' && at !== undefined && proxies.has(at) && dependsOn.some(({ kind }) => kind === 'user'),
    )
    if (part === undefined) return []
    const step = part.decidedBy.findLast(({ does, device }) => does === 'may' && proxies.has(device))
    return [{ flow, part, step: step ?? part.decidedBy.at(-1) }]
  })
  return capped(
    stepGroups(concerns).map((group): Finding => {
      const [{ flow, part, step }] = group
      const what = part.dependsOn.find(({ kind }) => kind === 'user')?.what ?? 'who asks'
      return {
        code: 'authenticated-proxy',
        severity: gravityOf(group),
        what: `${spokenStep(step)} wants a sign-in for ${spokenFlows(group)}`,
        why: `it depends on ${what}; a service of ${flow.planned?.from ?? 'the site'} has nobody who types a password, and agents answer no proxy's challenge`,
        next: 'allow the addresses of these machines to these names before the rule that asks who it is; then audit again',
        ...placeOfConcerns(group),
      }
    }),
  )
}
