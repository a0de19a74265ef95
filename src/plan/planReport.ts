import { catalogAsOf } from '../catalog/index.ts'
import type { Flow, Necessity } from '../model/flow.ts'
import type { PlanReport } from '../model/report.ts'
import type { Site } from '../model/site.ts'

/** The plan as the documented report; `flows` may be a part of the plan, and the summary counts that part. */
export function planReport(site: Site, flows: readonly Flow[], postern: string): PlanReport {
  const open = flows.filter(({ expect }) => expect === 'open')
  const count = (necessity: Necessity): number => open.filter((flow) => flow.necessity === necessity).length
  return {
    postern,
    kind: 'plan',
    site: site.site,
    cloud: site.cloud,
    features: site.features,
    catalog: { asOf: catalogAsOf },
    summary: {
      required: count('required'),
      conditional: count('conditional'),
      recommended: count('recommended'),
      optional: count('optional'),
      legacy: count('legacy'),
      localOnly: count('local-only'),
      mustBeClosed: flows.length - open.length,
    },
    flows,
    names: site.names,
  }
}
