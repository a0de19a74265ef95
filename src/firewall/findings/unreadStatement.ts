import type { Finding } from '../../model/finding.ts'
import type { Audited, AuditedDevice, AuditedFlow } from '../audited.ts'
import type { UnreadStatement } from '../source.ts'
import { idsOf } from './concernedFlows.ts'

/** Statements of one device that are told one by one: those on which a flow depends, then the first. */
const mostTold = 20

/** Statements that no reader understood, with the flows of which a verdict is open for it. */
export function unreadStatement(audited: Audited): readonly Finding[] {
  return audited.devices.flatMap((device) => ofDevice(audited, device))
}

function ofDevice({ flows }: Audited, device: AuditedDevice): readonly Finding[] {
  const { unread, statements, understood } = device.coverage
  const open = flows.filter(
    ({ judged, devices }) =>
      devices.some(({ label }) => label === device.label) &&
      judged.parts.some(({ dependsOn }) => dependsOn.some(({ kind }) => kind === 'unread')),
  )
  const all = unread.map((statement) => ({ statement, concerned: open.filter((flow) => stands(flow, statement)) }))
  const sorted = all.toSorted((a, b) => b.concerned.length - a.concerned.length)
  const told = sorted.slice(0, mostTold)
  const more = statements - understood - told.length
  const findings = told.map(({ statement: { span, why }, concerned }): Finding => {
    const [first] = concerned
    const others = concerned.length > 1 ? ` and ${concerned.length - 1} more` : ''
    return {
      code: 'unread-statement',
      severity: concerned.length > 0 ? 'medium' : 'low',
      what: `${device.label}: not understood: ${span.text}`,
      where: { file: span.file, line: span.line },
      why: first === undefined ? why : `${why}; the verdict on ${first.title}${others} depends on it`,
      next:
        first === undefined
          ? 'look at it yourself: no flow that was asked depends on it alone'
          : `say it in a way that is understood, or judge ${first.id} by hand`,
      flows: idsOf(concerned),
    }
  })
  const next = sorted[mostTold]?.statement ?? unread[0]
  if (more <= 0 || next === undefined) return findings
  return [
    ...findings,
    {
      code: 'unread-statement',
      severity: open.length > 0 ? 'medium' : 'low',
      what: `${device.label}: ${more} more ${more === 1 ? 'statement is' : 'statements are'} not understood`,
      where: { file: next.span.file, line: next.span.line },
      why: `${understood} of ${statements} statements were understood`,
      next: 'see whether the file is of the vendor that it was taken for, and whether it is whole',
      flows: idsOf(open),
    },
  ]
}

/** Whether a statement is among the rules on which a flow's verdict depends. */
function stands({ judged }: AuditedFlow, { span }: UnreadStatement): boolean {
  return judged.parts.some(
    ({ decidedBy, dependsOn }) =>
      dependsOn.some(({ kind }) => kind === 'unread') &&
      decidedBy.some(
        (step) =>
          step.span !== undefined &&
          step.span.file === span.file &&
          step.span.line <= (span.lastLine ?? span.line) &&
          (step.span.lastLine ?? step.span.line) >= span.line,
      ),
  )
}
