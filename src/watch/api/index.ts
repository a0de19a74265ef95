/** What the watcher tells and takes at `/api/v1`: a row for each resource, from which the OpenAPI document is derived. */
import { events } from './events.ts'
import { failures } from './failures.ts'
import { findings } from './findings.ts'
import { flow } from './flow.ts'
import { flows } from './flows.ts'
import { gaps } from './gaps.ts'
import { acknowledgeIncident, incident, noteIncident, postMortem, silenceIncident } from './incident.ts'
import { incidents } from './incidents.ts'
import { changes, marks } from './marks.ts'
import { outlets } from './outlets.ts'
import { quantiles } from './quantiles.ts'
import type { Resource } from './resource.ts'
import { samples } from './samples.ts'
import { status } from './status.ts'
import { tallies } from './tallies.ts'

export const resources: readonly Resource[] = [
  status,
  flows,
  flow,
  samples,
  quantiles,
  tallies,
  failures,
  incidents,
  incident,
  acknowledgeIncident,
  noteIncident,
  silenceIncident,
  postMortem,
  findings,
  gaps,
  marks,
  changes,
  outlets,
  events,
]
