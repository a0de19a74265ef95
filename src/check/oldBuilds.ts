import { isOlderBuild, leastConnectBuild } from '../catalog/index.ts'
import type { Finding } from '../model/finding.ts'
import type { JudgementContext } from '../model/report.ts'
import { findingRows } from './findingRows.ts'

/** Builds of Entra Connect that do not synchronise any more, or soon will not: said before anything about ports. */
export function oldBuilds({
  judgedAt,
  connectBuilds = {},
}: Pick<JudgementContext, 'judgedAt' | 'connectBuilds'>): readonly Finding[] {
  const { build: least, from, source } = leastConnectBuild
  const isPast = judgedAt.slice(0, 10) >= from
  const { why, fix, severity } = findingRows['old-connect-build']
  return Object.entries(connectBuilds)
    .filter(([, build]) => isOlderBuild(build, least))
    .map(([host, build]) => ({
      code: 'old-connect-build',
      severity: isPast ? 'critical' : severity,
      what: `Entra Connect ${build} on ${host} is older than ${least}: such builds ${isPast ? 'stopped' : 'stop'} syncing on ${from}, whatever the network lets through`,
      where: { target: host },
      why: `${why} See ${source}`,
      next: fix,
      flows: [],
    }))
}
