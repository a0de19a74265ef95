import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { GateEvent } from '../model/event.ts'
import { GateMetrics } from './gateMetrics.ts'

const gauges = {
  connections: 3,
  exchanges: 2,
  recordWaiting: 0,
  servers: [{ backend: 'app', server: 'http://a"b\\c', isWell: true, inFlight: 1 }],
}

function told(...events: readonly GateEvent[]): { readonly text: string; readonly handed: readonly GateEvent[] } {
  const handed: GateEvent[] = []
  const metrics = new GateMetrics()
  const recorder = metrics.over({
    tell: (event) => void handed.push(event),
    tellDurably: async (event) => void handed.push(event),
  })
  for (const event of events) recorder.tell(event)
  return { text: metrics.text(gauges), handed }
}

const passed = (ms: number): GateEvent => ({
  kind: 'http_activity',
  activity: 'request',
  outcome: 'ok',
  reason: 'passed',
  route: 'team',
  http: { method: 'GET', host: 'gate', path: '/', status: 200 },
  detail: { ms },
})

test('what is told is handed on and counted, and requests fall into the buckets of their time', () => {
  const { text, handed } = told(passed(4), passed(5), passed(30), passed(60_000))
  assert.equal(handed.length, 4)
  assert.match(text, /^postern_gate_requests_total\{route="team",outcome="ok",status="200"\} 4$/m)
  const bucket = (le: string) =>
    new RegExp(`_bucket\\{route="team",le="${le.replace('+', '\\+')}"\\} (\\d+)`).exec(text)?.[1]
  assert.deepEqual(
    [bucket('0.005'), bucket('0.025'), bucket('0.05'), bucket('10'), bucket('+Inf')],
    ['2', '2', '3', '3', '4'],
  )
  assert.match(text, /duration_seconds_sum\{route="team"\} 60\.039$/m)
})

test('counted events count as many as they stand for', () => {
  const refused: GateEvent = {
    kind: 'network_activity',
    activity: 'connect',
    outcome: 'denied',
    reason: 'plain-http',
    count: 40,
  }
  assert.match(
    told(refused, refused).text,
    /^postern_gate_connections_total\{outcome="denied",reason="plain-http"\} 80$/m,
  )
})

test('values of labels are escaped, and the text ends as OpenMetrics asks', () => {
  const { text } = told()
  assert.match(text, /server="http:\/\/a\\"b\\\\c"\} 1$/m)
  assert.ok(text.endsWith('# EOF\n'))
  for (const line of text.trimEnd().split('\n')) {
    assert.match(line, /^(# (TYPE|HELP) postern_gate_\w+ .+|# EOF|postern_gate_\w+(\{.*\})? -?[\d.]+)$/)
  }
})

test('memory does not follow what clients do', () => {
  const events = Array.from(
    { length: 3000 },
    (_, at): GateEvent => ({ kind: 'authorization', activity: 'request', outcome: 'denied', reason: `r${at}` }),
  )
  const { text } = told(...events)
  assert.equal(text.match(/^postern_gate_denials_total/gm)?.length, 1001)
  assert.match(text, /denials_total\{reason="other"\} 2000$/m)
})
