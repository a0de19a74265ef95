import type { Finding } from '../../model/finding.ts'
import type { Audited } from '../audited.ts'
import { capped } from './capped.ts'
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

/** Requests that pass and whose answers do not: a list without memory lacks the rule for the way back. */
export function returnBlocked({ flows }: Audited): readonly Finding[] {
  const concerns = wanted(flows).flatMap((flow) => {
    const part = flow.judged.parts.find((one) => isDenied(one) && denyingStep(one)?.answer === true)
    return part === undefined ? [] : [{ flow, part, step: denyingStep(part) }]
  })
  return capped(
    stepGroups(concerns).map((group): Finding => {
      const [{ step }] = group
      return {
        code: 'return-blocked',
        severity: gravityOf(group),
        what: `${spokenStep(step)} denies the answers of ${spokenFlows(group)}`,
        why: `the request is allowed; ${step?.stage ?? 'the list'} keeps no connections in mind, so the answer needs a rule of its own`,
        next: 'allow the way back to the ports from which clients ask (1024 to 65535); then audit again',
        ...placeOfConcerns(group),
      }
    }),
  )
}
