import type { FlowReport } from '../../model/report.ts'
import { dialledOf, groupBy, portOf } from './flowWords.ts'
import { lookOf } from './standing.ts'

/**
 * Puts flows together that are one fact to a reader: several rows of the catalog that went to the same place and came
 * to the same. The first stands for all; none is lost.
 */
export function sharedTargets(flows: readonly FlowReport[]): readonly (readonly [FlowReport, ...FlowReport[]])[] {
  const groups = groupBy(flows, (flow) =>
    [
      lookOf(flow),
      flow.from,
      portOf(flow.target),
      dialledOf(flow.target),
      flow.cause ?? '',
      flow.says,
      flow.fix ?? '',
    ].join('\n'),
  )
  return [...groups.values()].flatMap(([first, ...others]) => (first === undefined ? [] : [[first, ...others]]))
}
