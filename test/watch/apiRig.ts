/** The API of a watcher over a real history with ten days of data, on a real socket. */
import { request } from 'node:http'
import type { TestContext } from 'node:test'
import Ajv from 'ajv'
import type { WatchApi } from '../../src/cli/openWatchApi.ts'
import { openWatchApi } from '../../src/cli/openWatchApi.ts'
import { usualWatch } from '../../src/config/watchSchema.ts'
import type { Flow } from '../../src/model/flow.ts'
import { flowKey } from '../../src/model/flow.ts'
import type { Incident } from '../../src/model/incident.ts'
import type { WatchSettings } from '../../src/model/watch.ts'
import type { HistoryStore } from '../../src/store/history/index.ts'
import { flowIdOf } from '../../src/watch/api/flowId.ts'
import { incidentDefaults } from '../../src/watch/incident/index.ts'
import { IncidentLoop } from '../../src/watch/incidentLoop.ts'
import type { Seen } from '../../src/watch/record/index.ts'
import { seenOf } from '../../src/watch/record/index.ts'
import { historyFolder, historyOptions, openedHistory } from '../historyFolder.ts'
import { dayMs, hourMs, incidentOf, minuteMs, morning } from '../historySamples.ts'
import { flowReportOf } from '../reports.ts'
import { handshakeOf } from '../sampleEvidence.ts'
import { sampleFlows } from '../sampleFlows.ts'

/** When all of it is asked: ten days after the first look. */
export const askedAt = morning + 10 * dayMs

export const apiFlows: readonly Flow[] = Object.values(sampleFlows)
const failing = sampleFlows.ldaps
export const failingKey = flowKey(failing)
export const failingId = flowIdOf(failingKey)

export const incidentIds = {
  open: '11111111-1111-4111-8111-111111111111',
  closed: '22222222-2222-4222-8222-222222222222',
  periodic: '33333333-3333-4333-8333-333333333333',
} as const

const settings: WatchSettings = {
  ...usualWatch(),
  outlets: [
    { name: 'desk', kind: 'webhook', takes: ['alerts'], least: 'high', settings: {} },
    { name: 'siem', kind: 'syslog', takes: ['alerts', 'events'], settings: {} },
  ],
}

export interface Asking {
  readonly method?: string
  readonly fields?: Readonly<Record<string, string>>
  readonly body?: string
}

export interface Given {
  readonly status: number
  readonly fields: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
}

export interface ApiRig {
  readonly url: string
  readonly api: WatchApi
  readonly store: HistoryStore
  readonly clock: { now: number }
  readonly incidents: IncidentLoop
  /** What is watched: another one takes its place. */
  readonly watched: { flows: readonly Flow[]; settings: WatchSettings }
  readonly faults: string[]
  ask(path: string, asking?: Asking): Promise<Given>
}

export interface ApiRigOptions {
  readonly flows?: readonly Flow[]
  readonly isEmpty?: true
  readonly heartbeatMs?: number
}

export async function openedApi(t: TestContext, options: ApiRigOptions = {}): Promise<ApiRig> {
  const folder = historyFolder(t)
  const clock = { now: askedAt }
  const store = openedHistory(
    t,
    historyOptions(folder, {
      now: () => clock.now,
      settings: { rawDays: 14, failureDays: 90, sketchDays: 365, mostMib: 64 },
    }),
  )
  const watched = { flows: options.flows ?? apiFlows, settings }
  if (options.isEmpty === undefined) await fill(store)
  const faults: string[] = []
  const incidents: IncidentLoop = new IncidentLoop(
    {
      site: 'hq',
      from: 'connect01',
      settings: incidentDefaults,
      outlets: settings.outlets,
      newId: () => incidentIds.open,
    },
    { store, now: () => clock.now, windows: () => [], askSoon: () => {}, onNews: (news) => api.onNews(news) },
  )
  const api: WatchApi = await openWatchApi({
    port: 'free',
    site: 'hq',
    from: 'connect01',
    now: () => clock.now,
    store,
    watched: () => watched,
    counts: () => ({
      targets: 5,
      flows: watched.flows.length,
      looks: 14_400,
      failedLooks: 61,
      skippedSlots: 3,
      underWay: 2,
      suspected: 1,
      bad: 1,
    }),
    windows: () => [{ name: 'patches' }],
    edit: (change) => incidents.edit(change),
    historyFile: `${folder}/history.sqlite`,
    onFault: (says) => faults.push(says),
    ...(options.heartbeatMs !== undefined && { heartbeatMs: options.heartbeatMs }),
  })
  t.after(() => api.close())
  const url = api.url ?? ''
  return { url, api, store, clock, incidents, watched, faults, ask: (path, asking) => askAt(url, path, asking) }
}

/** A look at a flow at a time; `isWell` as the flow was planned to be open. */
export function lookAt(flow: Flow, at: number, isWell: boolean): Seen {
  const report = flowReportOf(flow, {
    timing: { dnsMs: 1, connectMs: 2, tlsMs: isWell ? 8 : null, firstByteMs: null },
    evidence: [handshakeOf({ at: new Date(at).toISOString(), ms: 8 })],
    ...(!isWell && {
      verdict: 'blocked',
      cause: 'filtered-silently',
      owner: 'firewall',
      says: 'nothing answers',
      fix: 'allow 636/tcp to dc01',
    }),
  })
  const seen = seenOf(flowKey(flow), report, at)
  if (seen === undefined) throw new TypeError(`a look at ${flow.flow} says nothing`)
  return seen
}

/** Ten days of looks every ten minutes at each flow that is to be open; one of them fails in its last hour. */
async function fill(store: HistoryStore): Promise<void> {
  const open = apiFlows.filter(({ expect }) => expect === 'open').slice(0, 6)
  const looks = open.flatMap((flow) =>
    Array.from({ length: 10 * 24 * 6 }, (_, index) => {
      const at = morning + index * 10 * minuteMs
      return lookAt(flow, at, flow !== failing || at < askedAt - hourMs)
    }),
  )
  const bad = looks.filter(({ sample }) => !sample.isWell)
  await store.write({
    samples: looks.map(({ sample }) => sample),
    readings: looks.flatMap(({ readings }) => readings),
    failures: bad.map(({ sample: { key, at }, report }) => ({ key, at, report, context: { cloud: 'worldwide' } })),
    marks: [
      { at: askedAt - 2 * hourMs, kind: 'change-start', name: 'rules' },
      { at: askedAt - hourMs, kind: 'change-end', name: 'rules' },
    ],
    gaps: [{ from: askedAt - 5 * hourMs, to: askedAt - 4 * hourMs, why: 'suspended' }],
  })
  const kept = await keptIncidents()
  await store.keepIncidents(kept, [
    {
      outlet: 'desk',
      alert: { id: incidentIds.open, at: askedAt, reason: 'opened', site: 'hq', from: 'x', incident: kept[0] },
    },
  ])
}

async function keptIncidents(): Promise<readonly [Incident, ...Incident[]]> {
  const suffering = {
    subject: failingKey,
    title: 't1-ldaps connect01 -> dc01:636/tcp',
    since: askedAt - hourMs,
    cause: 'filtered-silently',
    says: 'nothing answers',
    weighed: {
      of: 'look',
      since: askedAt - hourMs,
      verdict: 'blocked',
      necessity: 'required',
      severity: 'high',
      confidence: 'likely',
      owner: 'firewall',
      fix: 'allow 636/tcp to dc01',
      suspects: [{ kind: 'host', name: 'dc01' }],
    },
  } as const
  const course = { openedAt: askedAt - hourMs, penalty: { value: 1, at: askedAt - hourMs }, longestQuietMs: 0 }
  const times = { since: askedAt - hourMs, confirmedAt: askedAt - hourMs + 8000, lastSeenAt: askedAt - minuteMs }
  return [
    incidentOf(incidentIds.open, { ...times, consequences: [suffering], course, told: [] }),
    incidentOf(incidentIds.closed, {
      state: 'closed',
      since: askedAt - 3 * dayMs,
      confirmedAt: askedAt - 3 * dayMs + 8000,
      lastSeenAt: askedAt - 3 * dayMs + hourMs,
      until: askedAt - 3 * dayMs + hourMs,
      consequences: [{ ...suffering, since: askedAt - 3 * dayMs, until: askedAt - 3 * dayMs + hourMs }],
      acknowledged: { at: askedAt - 3 * dayMs + minuteMs, by: 'Ada' },
      notes: [{ at: askedAt - 3 * dayMs + minuteMs, by: 'Ada', text: 'the rule was lost' }],
    }),
    incidentOf(incidentIds.periodic, {
      ...times,
      cause: 'periodic-spike',
      severity: 'medium',
      consequences: [
        {
          ...suffering,
          cause: 'periodic-spike',
          says: 'every 30 min, at 00:05',
          weighed: { ...suffering.weighed, of: 'time', severity: 'medium' },
        },
        {
          subject: 'certificate:3f',
          title: 'dc01.corp.example',
          since: askedAt - hourMs,
          cause: 'undetermined',
          finding: 'certificate-expires',
          says: 'in 6 days',
          weighed: { ...suffering.weighed, of: 'time', severity: 'high', owner: 'pki' },
        },
      ],
      course,
      told: [],
    }),
  ]
}

export function askAt(url: string, path: string, { method = 'GET', fields = {}, body }: Asking = {}): Promise<Given> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    // The path as it is written: a URL would shorten it.
    const asked = request({ hostname, port, path, method, headers: fields, agent: false }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, fields: response.headers, text }))
      response.on('error', reject)
    })
    asked.on('error', reject)
    asked.end(body)
  })
}

/** Holds values to the schemas of an OpenAPI document, by a validator that knows nothing of how they were made. */
export function validatorOf(document: object): (schema: string, value: unknown) => readonly string[] {
  const ajv = new Ajv({ unknownFormats: 'ignore', allErrors: true })
  ajv.addSchema({ ...document, $id: 'openapi' })
  return (schema, value) => {
    const validate = ajv.compile({ $ref: `openapi#/components/schemas/${schema}` })
    if (validate(value) === true) return []
    return (validate.errors ?? []).map(({ dataPath, message }) => `${dataPath} ${message ?? ''}`)
  }
}
