import type { AddressRange } from '../firewall/addresses.ts'
import { mergedRanges } from '../firewall/addresses.ts'
import type { AuditedFlow } from '../firewall/audited.ts'
import type { AskedFlow, JudgedPath, PathDevice } from '../firewall/judged.ts'
import { rangesOfPrefix } from '../firewall/rangesOfPrefix.ts'
import type { AuditFlowReport, NotJudged } from '../model/auditReport.ts'
import type { Flow } from '../model/flow.ts'
import { commandLine } from '../model/flow.ts'
import type { Ground } from './askedOf.ts'
import { askedOf } from './askedOf.ts'
import { auditedFlow } from './auditedFlow.ts'
import { judgeChosen } from './judgeChosen.ts'
import type { JudgePath } from './judgeWay.ts'

/** A flow that was judged: as the report has it, and as findings want it. */
export interface JudgedFlow {
  readonly report: AuditFlowReport
  readonly audited: AuditedFlow
}

/** One flow of the plan, judged, or left out with the reason. */
export type FlowOutcome = JudgedFlow | { readonly flow: Flow; readonly why: string; readonly add: string }

/** A flow of the plan through the devices between its ends. */
export function auditFlow(flow: Flow, ground: Ground, judgePath: JudgePath): FlowOutcome {
  const asked = askedOf(flow, ground)
  if ('why' in asked) return { flow, ...asked }
  const arrives = arrivalsOf(flow, asked.asked, ground)
  const way = judgeChosen(asked, asked.asked, ground.knowledge, judgePath, arrives)
  if ('why' in way) return { flow, ...way }
  const { devices, judged } = way
  if (judged.parts.length === 0) {
    return { flow, why: 'no packet can be as the flow is written', add: 'addresses that belong together' }
  }
  return {
    report: auditedFlow(flow, {
      asked: asked.asked,
      devices,
      judged,
      ...(asked.anySource === true && { anySource: true }),
    }),
    audited: auditedOf(flow, asked.asked, devices, judged),
  }
}

/** As findings want it. */
export function auditedOf(
  flow: Flow,
  asked: AskedFlow,
  devices: readonly PathDevice[],
  judged: JudgedPath,
): AuditedFlow {
  const { target } = flow
  const where = target.pattern ?? target.name ?? target.address ?? flow.to
  const port = target.plannedPort ?? target.port ?? target.range?.first
  return {
    id: flow.flow,
    expect: flow.expect,
    necessity: flow.necessity,
    title: `${target.transport}${port === undefined ? '' : `/${port}`} ${where} from ${flow.from}`,
    asked,
    devices,
    judged,
    ...(flow.source !== commandLine && { planned: flow }),
  }
}

/** A host is reached at any of its addresses: behind a published one it has another. */
function arrivalsOf({ to }: Flow, { destination }: AskedFlow, { site }: Ground): readonly AddressRange[] | undefined {
  const own = (site.hosts[to]?.addresses ?? []).flatMap(rangesOfPrefix)
  return own.length === 0 || destination === undefined ? undefined : mergedRanges([...own, ...destination])
}

/** Flows that were left out, those of one reason together, in the order of their first. */
export function notJudgedOf(
  left: readonly { readonly flow: Flow; readonly why: string; readonly add: string }[],
): readonly NotJudged[] {
  const groups = Map.groupBy(left, ({ why, add }) => `${why}\n${add}`)
  return [...groups.values()].flatMap((group) => {
    const [first] = group
    if (first === undefined) return []
    return [
      {
        why: first.why,
        add: first.add,
        flows: [...new Set(group.map(({ flow }) => flow.flow))],
        count: group.length,
        required: group.filter(({ flow }) => flow.necessity === 'required' && flow.expect === 'open').length,
      },
    ]
  })
}
