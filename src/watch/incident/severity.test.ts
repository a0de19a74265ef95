import assert from 'node:assert/strict'
import test from 'node:test'
import { allOutlet, began } from '../../../test/playWatch.ts'
import { flowTo, lookAt, standingAt } from '../../../test/watchedSite.ts'
import type { CauseCode } from '../../model/cause.ts'
import type { Necessity } from '../../model/flow.ts'
import { incidentDefaults, noIncidents, step } from './index.ts'

const rows: readonly {
  readonly what: string
  readonly cause: CauseCode
  readonly wellAt?: number
  readonly necessity?: Necessity
  readonly severity: string
}[] = [
  { what: 'a flow that was well and is shut', cause: 'filtered-silently', wellAt: began, severity: 'high' },
  { what: 'a flow that was well and is silent, whyever', cause: 'undetermined', wellAt: began, severity: 'high' },
  { what: 'a flow that was never seen well and is silent', cause: 'undetermined', severity: 'medium' },
  {
    what: 'a flow that was well and that this machine cannot ask',
    cause: 'tool-limit',
    wellAt: began,
    severity: 'medium',
  },
  {
    what: 'a flow that nothing depends on, that was well and is silent',
    cause: 'undetermined',
    wellAt: began,
    necessity: 'optional',
    severity: 'low',
  },
]

for (const { what, cause, wellAt, necessity = 'required', severity } of rows) {
  test(`${what}: ${severity}`, () => {
    const flow = flowTo('dc01', 389)
    const at = began + 60_000
    const standing = standingAt(flow, { isWell: false, at, ...(wellAt === undefined ? {} : { wellAt }) })
    const report = { ...lookAt(flow, cause), necessity }
    const { state } = step(
      noIncidents,
      [{ kind: 'went-bad', key: flow.key, at, since: at, looks: 3, report }],
      { at, standings: new Map([[flow.key, standing]]) },
      { site: 'hq', from: 'connect01', settings: incidentDefaults, outlets: [allOutlet], newId: () => 'id' },
    )
    assert.deepEqual(
      [...state.incidents.values()].map((incident) => incident.severity),
      [severity],
    )
  })
}
