import type { AuditFlowReport, AuditStep } from '../model/auditReport.ts'
import type { Finding } from '../model/finding.ts'
import { notAskedWord } from './wayByScript.ts'

/**
 * Where a proxy script stands on the path of flows that nobody asks it about: told, since who wrote the path expected
 * otherwise. One finding for each script and reason.
 */
export function scriptFindings(flows: readonly AuditFlowReport[]): readonly Finding[] {
  const unasked = flows.flatMap((flow) => {
    const step = flow.parts.flatMap(({ decidedBy }) => decidedBy).find(({ rule }) => rule.startsWith(notAskedWord))
    return step === undefined ? [] : [{ flow, step }]
  })
  const groups = Map.groupBy(unasked, ({ step: { device, rule } }) => `${device}\n${rule}`)
  return [...groups.values()].flatMap((group) => {
    const [first] = group
    if (first === undefined) return []
    return [findingOf(first.step, group.length, [...new Set(group.map(({ flow }) => flow.flow))])]
  })
}

function findingOf({ device, rule, file, line }: AuditStep, count: number, flows: readonly string[]): Finding {
  return {
    code: 'script-not-asked',
    severity: 'info',
    what: `${device} is on the path of ${count === 1 ? 'a flow' : `${count} flows`} and is ${rule}`,
    where: { ...(file !== undefined && { file }), ...(line !== undefined && { line }) },
    why: 'A proxy script is asked by browsers and by what uses their settings; services use those of their own (WinHTTP, machine.config, http.proxy of the agent) or go straight out.',
    next: `give the proxy of such machines under proxies: with used-by:, or take ${device} out of their paths`,
    flows,
  }
}
