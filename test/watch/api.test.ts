import assert from 'node:assert/strict'
import { test } from 'node:test'
import { apiAnswers, apiProblem } from '../../src/config/apiSchema.ts'
import { openApiDocument } from '../../src/config/openApi.ts'
import type { ApiAnswers, ApiFlows, ApiIncidents } from '../../src/model/api.ts'
import { flowKey } from '../../src/model/flow.ts'
import { resources } from '../../src/watch/api/index.ts'
import { flowOf, sampleFlows } from '../sampleFlows.ts'
import { apiFlows, askedAt, failingId, failingKey, incidentIds, lookAt, openedApi, validatorOf } from './apiRig.ts'

const validate = validatorOf(openApiDocument())

/** What was answered, held to its schema and to nothing beyond it. */
function answerOf<Name extends keyof ApiAnswers>(name: Name, text: string): ApiAnswers[Name] {
  const value: unknown = JSON.parse(text)
  assert.deepEqual(validate(name, value), [])
  const read = apiAnswers[name].parse(value) as ApiAnswers[Name]
  assert.deepEqual(read, value, 'it has no member that is not documented')
  return read
}

function problemOf(text: string) {
  const value: unknown = JSON.parse(text)
  assert.deepEqual(validate('Problem', value), [])
  return apiProblem.parse(value)
}

const { ldaps } = sampleFlows
const post = (body: unknown) => ({
  method: 'POST',
  fields: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
})

const asked: readonly (readonly [path: string, answer: keyof ApiAnswers])[] = [
  ['/status', 'Status'],
  ['/flows', 'Flows'],
  [`/flows/${failingId}`, 'FlowDetail'],
  [`/flows/${failingId}/samples`, 'Samples'],
  [`/flows/${failingId}/quantiles?measure=connect-ms&step=1h&shares=0.5,0.99`, 'Quantiles'],
  [`/flows/${failingId}/tallies?step=1h`, 'Tallies'],
  [`/flows/${failingId}/failures?limit=2`, 'Failures'],
  ['/incidents', 'Incidents'],
  [`/incidents/${incidentIds.open}`, 'Incident'],
  ['/findings', 'Findings'],
  ['/gaps', 'Gaps'],
  ['/marks', 'Marks'],
  ['/outlets', 'Outlets'],
]

test('every resource that tells something is asked, and what it answers is what the document says, and no more', async (t) => {
  const { ask, faults } = await openedApi(t)
  const wanted = resources.flatMap(({ answers, method }) =>
    answers.kind === 'json' && method === 'GET' ? [answers.schema] : [],
  )
  assert.deepEqual(new Set(asked.map(([, name]) => name)), new Set(wanted))
  for (const [path, name] of asked) {
    const { status, fields, text } = await ask(`/api/v1${path}`)
    assert.equal(status, 200, `${path}: ${text}`)
    assert.equal(fields['content-type'], 'application/json', path)
    answerOf(name, text)
  }
  assert.deepEqual(faults, [])
})

test('an answer that is altered in one member is refused by its schema', async (t) => {
  const { ask } = await openedApi(t)
  for (const [path, name] of asked) {
    const { text } = await ask(`/api/v1${path}`)
    const value: Record<string, unknown> = JSON.parse(text)
    for (const member of Object.keys(value)) {
      const altered = { ...value, [member]: { not: 'this' } }
      assert.notDeepEqual(validate(name, altered), [], `${name}.${member} by the document`)
      assert.equal(apiAnswers[name].safeParse(altered).success, false, `${name}.${member} by its schema`)
    }
  }
})

test('the status says what is watched and what waits', async (t) => {
  const { ask } = await openedApi(t)
  const told = answerOf('Status', (await ask('/api/v1/status')).text)
  assert.equal(told.site, 'hq')
  assert.equal(told.now, new Date(askedAt).toISOString())
  assert.equal(told.flows.watched, new Set(apiFlows.map(flowKey)).size)
  assert.equal(told.flows.notWell, 1)
  assert.equal(told.flows.well + told.flows.notWell + told.flows.notSeen, told.flows.watched)
  assert.deepEqual(told.looks, { done: 14_400, failed: 61, skipped: 3, underWay: 2 })
  assert.deepEqual(told.incidents, { open: 2, worst: 'high' })
  assert.deepEqual(told.maintenance, ['patches'])
  assert.equal(told.gaps.length, 1)
  assert.ok(told.history.octets > 0)
  assert.deepEqual(told.outlets, [
    { name: 'desk', kind: 'webhook', takes: ['alerts'], least: 'high', waiting: 1, refused: 0 },
    { name: 'siem', kind: 'syslog', takes: ['alerts', 'events'], waiting: 0, refused: 0 },
  ])
})

test('a flow is told with its plan, its looks, what is usual and its newest failure with its evidence', async (t) => {
  const { ask, api } = await openedApi(t)
  const before = answerOf('FlowDetail', (await ask(`/api/v1/flows/${failingId}`)).text)
  assert.equal(before.isWell, false)
  // No look of this process yet: what is said stands in the incident.
  assert.equal(before.says, 'nothing answers')
  assert.equal(before.owner, 'firewall')
  assert.equal(before.incident, incidentIds.open)
  assert.equal(before.latencyMs, undefined)
  assert.ok(Math.abs((before.usualLatencyMs ?? 0) - 11) < 0.2)
  assert.deepEqual(before.plan, JSON.parse(JSON.stringify(ldaps)))
  assert.equal(before.lastSamples.length, 20)
  assert.equal(before.lastFailure?.at, before.lastSamples.at(-1)?.at)
  assert.equal(before.lastFailure?.report.evidence.length, 1)
  api.onSeen([lookAt(ldaps, askedAt, true)])
  const after = answerOf('FlowDetail', (await ask(`/api/v1/flows/${failingId}`)).text)
  assert.equal(after.isWell, true)
  assert.equal(after.latencyMs, 11)
  assert.equal(after.owner, undefined)
})

const filters: readonly (readonly [query: string, isAsked: (flow: (typeof apiFlows)[number]) => boolean])[] = [
  ['well=false', (flow) => flowKey(flow) === failingKey],
  ['verdict=blocked,wrong', (flow) => flowKey(flow) === failingKey],
  ['owner=firewall', (flow) => flowKey(flow) === failingKey],
  ['host=DC01', ({ to, from }) => to === 'dc01' || from === 'dc01'],
  ['role=entra-id', ({ toRole, fromRole }) => toRole === 'entra-id' || fromRole === 'entra-id'],
  ['feature=ldaps', ({ features }) => features.includes('ldaps')],
  ['text=T1-LDAPS', (flow) => flow.flow.includes('t1-ldaps')],
  ['host=nobody', () => false],
]

test('flows are filtered by verdict, host, role, feature, owner and text', async (t) => {
  const { ask } = await openedApi(t)
  for (const [query, isAsked] of filters) {
    const { flows, total } = answerOf('Flows', (await ask(`/api/v1/flows?${query}`)).text)
    const wanted = [...new Set(apiFlows.filter(isAsked).map(flowKey))].sort()
    assert.deepEqual(
      flows.map(({ key }) => key),
      wanted,
      query,
    )
    assert.equal(total, wanted.length, query)
  }
})

test('10,000 flows are paged: each is told once, whatever is put beside them meanwhile', async (t) => {
  const many = Array.from({ length: 10_000 }, (_, index) =>
    flowOf({
      flow: `own-${index}`,
      to: `host${index % 100}`,
      toRole: 'app-8443',
      purpose: 'one of many',
      target: { name: `host${index % 100}.example`, port: 8443, transport: 'tcp', service: 'https' },
    }),
  )
  const { ask, watched } = await openedApi(t, { flows: many, isEmpty: true })
  const keys: string[] = []
  let next: string | undefined
  let pages = 0
  do {
    const { text } = await ask(`/api/v1/flows?limit=500${next === undefined ? '' : `&cursor=${next}`}`)
    const page: ApiFlows = pages % 7 === 0 ? answerOf('Flows', text) : JSON.parse(text)
    assert.equal(page.flows.length, 500)
    keys.push(...page.flows.map(({ key }) => key))
    next = page.next
    pages += 1
    assert.ok(pages <= 20, 'a page is told twice')
    if (pages === 3) watched.flows = [flowOf({ ...ldaps, flow: 'a-new-one' }), ...many]
  } while (next !== undefined)
  assert.equal(pages, 20)
  assert.deepEqual(keys, many.map(flowKey).sort())
})

test('time lines of a flow are told in steps, and looks one by one with what was left out', async (t) => {
  const { ask } = await openedApi(t)
  const span = `from=${new Date(askedAt - 2 * 3_600_000).toISOString()}&to=${new Date(askedAt).toISOString()}`
  const path = `/api/v1/flows/${failingId}`
  const tallies = answerOf('Tallies', (await ask(`${path}/tallies?${span}&step=1h`)).text)
  assert.deepEqual(
    tallies.steps.map(({ looks, notWell }) => [looks, notWell]),
    [
      [6, 0],
      [6, 6],
    ],
  )
  const quantiles = answerOf('Quantiles', (await ask(`${path}/quantiles?${span}&step=1h&shares=0.5,0.9`)).text)
  assert.equal(quantiles.steps.length, 1)
  assert.equal(quantiles.steps[0]?.values.length, 2)
  const samples = answerOf('Samples', (await ask(`${path}/samples?${span}&limit=5`)).text)
  assert.equal(samples.samples.length, 5)
  assert.equal(samples.isCut, true)
  assert.equal(samples.samples.at(-1)?.at, new Date(askedAt - 600_000).toISOString())
  const failures = answerOf('Failures', (await ask(`${path}/failures?limit=2`)).text)
  assert.deepEqual(
    failures.failures.map(({ at }) => at),
    [askedAt - 600_000, askedAt - 1_200_000].map((at) => new Date(at).toISOString()),
  )
  assert.equal(failures.isCut, true)
})

test('incidents are told by span and state, and a page after another', async (t) => {
  const { ask } = await openedApi(t)
  const ids = async (query: string): Promise<readonly string[]> =>
    answerOf('Incidents', (await ask(`/api/v1/incidents${query}`)).text).incidents.map(({ id }) => id)
  assert.deepEqual(await ids(''), [incidentIds.open, incidentIds.periodic, incidentIds.closed])
  assert.deepEqual(await ids('?state=closed'), [incidentIds.closed])
  assert.deepEqual(await ids(`?from=${new Date(askedAt - 3_700_000).toISOString()}`), [
    incidentIds.open,
    incidentIds.periodic,
  ])
  const seen: string[] = []
  let next = ''
  do {
    const page: ApiIncidents = answerOf('Incidents', (await ask(`/api/v1/incidents?limit=1${next}`)).text)
    seen.push(...page.incidents.map(({ id }) => id))
    assert.ok(seen.length <= 3, 'a page is told twice')
    next = page.next === undefined ? '' : `&cursor=${page.next}`
  } while (next !== '')
  assert.deepEqual(seen, [incidentIds.open, incidentIds.periodic, incidentIds.closed])
})

test('findings over time are those of incidents that no single look has shown', async (t) => {
  const { ask } = await openedApi(t)
  const codes = async (query: string): Promise<readonly string[]> =>
    answerOf('Findings', (await ask(`/api/v1/findings${query}`)).text).findings.map(({ code }) => code)
  assert.deepEqual(await codes(''), ['periodic-spike', 'certificate-expires'])
  assert.deepEqual(await codes('?code=certificate-expires,crl-expires'), ['certificate-expires'])
})

test('an incident is acknowledged, noted and silenced, which is kept, and its post-mortem tells it', async (t) => {
  const { ask, store } = await openedApi(t)
  const path = `/api/v1/incidents/${incidentIds.open}`
  const taken = await ask(`${path}/acknowledge`, post({ by: 'Ada' }))
  assert.equal(taken.status, 200, taken.text)
  assert.deepEqual(answerOf('Incident', taken.text).acknowledged, { at: new Date(askedAt).toISOString(), by: 'Ada' })
  const noted = await ask(`${path}/notes`, post({ by: 'Ada', text: 'the rule is back' }))
  assert.deepEqual(
    answerOf('Incident', noted.text).notes.map(({ text }) => text),
    ['the rule is back'],
  )
  const until = new Date(askedAt + 3_600_000).toISOString()
  assert.equal(answerOf('Incident', (await ask(`${path}/silence`, post({ until }))).text).silencedUntil, until)
  const kept = store.incident(incidentIds.open)
  assert.equal(kept?.acknowledged?.by, 'Ada')
  assert.equal(kept?.notes.length, 1)
  assert.equal(kept?.silencedUntil, askedAt + 3_600_000)
  const told = await ask(`${path}/post-mortem`)
  assert.equal(told.fields['content-type'], 'text/markdown; charset=utf-8')
  assert.match(told.text, /the rule is back/)
  assert.match(told.text, /change start: rules/)
})

test('nothing can be done to an incident that is over, or that there is not', async (t) => {
  const { ask } = await openedApi(t)
  const over = await ask(`/api/v1/incidents/${incidentIds.closed}/acknowledge`, post({ by: 'Ada' }))
  assert.deepEqual([over.status, problemOf(over.text).type], [409, 'urn:postern:problem:is-over'])
  const none = await ask(`/api/v1/incidents/${incidentIds.open.replace('1', '9')}/acknowledge`, post({ by: 'Ada' }))
  assert.deepEqual([none.status, problemOf(none.text).type], [404, 'urn:postern:problem:no-such-incident'])
})

test('a change that is told is a mark of the history', async (t) => {
  const { ask, store } = await openedApi(t)
  const told = await ask('/api/v1/changes', post({ change: 'start', name: 'cutover-2' }))
  assert.equal(told.status, 200, told.text)
  assert.deepEqual(answerOf('Mark', told.text), {
    at: new Date(askedAt).toISOString(),
    kind: 'change-start',
    name: 'cutover-2',
  })
  assert.deepEqual(store.marks({ from: askedAt, to: askedAt + 1 }), [
    { at: askedAt, kind: 'change-start', name: 'cutover-2' },
  ])
})

test('HEAD says of an answer what GET would, without it; who has it already is given nothing', async (t) => {
  const { ask } = await openedApi(t)
  const whole = await ask('/api/v1/flows')
  const head = await ask('/api/v1/flows', { method: 'HEAD' })
  assert.deepEqual([head.status, head.text], [200, ''])
  assert.equal(head.fields['content-length'], whole.fields['content-length'])
  const etag = String(whole.fields['etag'])
  const again = await ask('/api/v1/flows', { fields: { 'if-none-match': `"other", W/${etag}` } })
  assert.deepEqual([again.status, again.text], [304, ''])
  assert.equal((await ask('/api/v1/events', { method: 'HEAD' })).fields['content-type'], 'text/event-stream')
})

test('the document is served as it is made, with the version that serves it', async (t) => {
  const { ask } = await openedApi(t, { isEmpty: true })
  const { text, fields } = await ask('/api/v1/openapi.json')
  const served: { info: { version: string } } & object = JSON.parse(text)
  assert.equal(fields['content-type'], 'application/json')
  assert.deepEqual(served, JSON.parse(JSON.stringify(openApiDocument(served.info.version))))
})

test('metrics are OpenMetrics: each family described before its samples, names with units, and an end', async (t) => {
  const { ask } = await openedApi(t)
  const { text, fields } = await ask('/metrics')
  assert.equal(fields['content-type'], 'application/openmetrics-text; version=1.0.0; charset=utf-8')
  const lines = text.trimEnd().split('\n')
  assert.equal(lines.at(-1), '# EOF')
  let family = ''
  for (const line of lines.slice(0, -1)) {
    const [, described] = /^# TYPE (postern_watch_[a-z_]+) (gauge|counter)$/.exec(line) ?? []
    if (described !== undefined) family = described
    else if (line.startsWith('#')) assert.match(line, new RegExp(`^# (UNIT|HELP) ${family} .`))
    else assert.match(line, new RegExp(`^${family}(_total)?(\\{([a-z]+="[^"]*",?)+\\})? -?[0-9.e-]+$`))
  }
  assert.match(text, new RegExp(`^postern_watch_flow_well\\{id="${failingId}",[^}]*\\} 0$`, 'm'))
  assert.match(text, /^postern_watch_looks_total 14400$/m)
  assert.match(text, /^postern_watch_open_incidents\{severity="high"\} 1$/m)
  assert.match(text, /^postern_watch_outlet_waiting_things\{outlet="desk",kind="webhook"\} 1$/m)
})

test('a flow that is watched no more has its past, and nothing that is so now', async (t) => {
  const { ask, watched } = await openedApi(t)
  watched.flows = watched.flows.filter((flow) => flowKey(flow) !== failingKey)
  const now = await ask(`/api/v1/flows/${failingId}`)
  assert.equal(now.status, 404)
  assert.match(problemOf(now.text).remedy, /not watched any more/)
  const past = answerOf('Samples', (await ask(`/api/v1/flows/${failingId}/samples`)).text)
  assert.ok(past.samples.length > 0)
})
