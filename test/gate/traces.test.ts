/** Traces by OTLP, with a collector that is there, one that is not, and one that is slow. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { askGate } from './askGate.ts'
import { openTestGate } from './openTestGate.ts'
import { openRawBackend } from './rawBackend.ts'

interface Span {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  readonly kind: number
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
  readonly attributes: readonly {
    readonly key: string
    readonly value: { readonly stringValue?: string; readonly intValue?: string }
  }[]
  readonly status: { readonly code?: number }
}

interface Collector {
  readonly url: string
  readonly spans: readonly Span[]
  readonly questions: readonly IncomingMessage[]
}

async function openCollector(
  t: TestContext,
  answer: (turn: number, response: ServerResponse) => void = (_turn, response) => void response.end('{}'),
): Promise<Collector> {
  const spans: Span[] = []
  const questions: IncomingMessage[] = []
  const server = createServer((asked, response) => {
    const parts: Buffer[] = []
    asked.on('data', (part: Buffer) => parts.push(part))
    asked.once('end', () => {
      questions.push(asked)
      const { resourceSpans } = JSON.parse(Buffer.concat(parts).toString()) as {
        resourceSpans: readonly { scopeSpans: readonly { spans: readonly Span[] }[] }[]
      }
      const came = resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((one) => one.spans))
      answer(questions.length, response)
      if (response.statusCode === 200) spans.push(...came)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.close()
    server.closeAllConnections()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, spans, questions }
}

const traced =
  (endpoint: string, more = '') =>
  (yaml: string) =>
    yaml.replace('  routes:', `  traces: { endpoint: ${endpoint} }\n${more}  routes:`)
const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
const parent = '00f067aa0ba902b7'
const headers = { traceparent: `00-${traceId}-${parent}-01` }

const told = ({ attributes }: Span): Record<string, string | undefined> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue ?? value.intValue]))

test('each request is one span at the collector, with the trace of the record and of the backend', async (t) => {
  const collector = await openCollector(t)
  const backend = await openRawBackend(t)
  const gate = await openTestGate(t, (yaml) =>
    traced(collector.url)(yaml.replace(/app: \{ urls: \[[^\]]*\] \}/, `app: { urls: [${backend.url}] }`)),
  )
  assert.equal((await askGate(gate, '/?secret=in-the-query', { headers })).status, 200)
  assert.equal((await askGate(gate, '/api/hello')).status, 401)
  assert.equal((await askGate(gate, '/.postern/health/live')).status, 200)
  const events = await gate.recorded()
  assert.deepEqual(collector.spans.map(({ name }) => name).toSorted(), ['GET', 'GET api', 'GET welcome'])
  const passed = collector.spans.find(({ name }) => name === 'GET welcome')
  assert.ok(passed)
  const { method, url, headers: fields } = collector.questions[0] ?? {}
  assert.deepEqual([method, url, fields?.['content-type']], ['POST', '/v1/traces', 'application/json'])
  assert.equal(passed.kind, 2)
  assert.ok(BigInt(passed.endTimeUnixNano) >= BigInt(passed.startTimeUnixNano))
  assert.deepEqual(
    { ...told(passed), 'client.address': undefined },
    {
      'http.request.method': 'GET',
      'url.scheme': 'https',
      'url.path': '/',
      'server.address': 'localhost',
      'client.address': undefined,
      'http.response.status_code': '200',
      'postern.route': 'welcome',
      'postern.backend': 'app',
      'postern.outcome': 'ok',
      'postern.reason': 'passed',
    },
  )
  assert.doesNotMatch(JSON.stringify(collector.spans), /in-the-query/)
  assert.notEqual(passed.traceId, traceId, 'who is no proxy of ours puts nothing into a trace')
  assert.equal(passed.parentSpanId, undefined)
  assert.equal(events.find(({ reason }) => reason === 'passed')?.traceId, passed.traceId)
  const sent = backend.requests[0]?.fields.find(([name]) => name.toLowerCase() === 'traceparent')?.[1]
  assert.equal(sent, `00-${passed.traceId}-${passed.spanId}-01`)
})

test('the trace of a listed proxy is continued', async (t) => {
  const collector = await openCollector(t)
  const gate = await openTestGate(t, traced(collector.url, '  behind: [127.0.0.1/32]\n'))
  await askGate(gate, '/', { headers })
  for (const wrong of [`00-${'0'.repeat(32)}-${parent}-01`, `ff-${traceId}-${parent}-01`, `00-${traceId}-01`, 'x']) {
    await askGate(gate, '/', { headers: { traceparent: wrong } })
  }
  await gate.recorded()
  const [first, ...others] = collector.spans
  assert.deepEqual([first?.traceId, first?.parentSpanId], [traceId, parent])
  assert.equal(others.length, 4)
  for (const span of others) assert.deepEqual([span.traceId === traceId, span.parentSpanId], [false, undefined])
})

test('a collector that is overloaded is asked again, and no request waits for it', async (t) => {
  const collector = await openCollector(t, (turn, response) => {
    if (turn === 1) response.statusCode = 503
    response.end('{}')
  })
  const gate = await openTestGate(t, traced(collector.url))
  assert.equal((await askGate(gate, '/')).status, 200)
  while (collector.spans.length === 0) await new Promise((resolve) => setImmediate(resolve))
  assert.equal(collector.questions.length, 2)
})

test('with a collector that hangs the gate serves, and ends', async (t) => {
  const hanging = await openCollector(t, () => {})
  const gate = await openTestGate(t, traced(hanging.url))
  assert.equal((await askGate(gate, '/')).status, 200)
  assert.ok((await gate.recorded()).some(({ reason }) => reason === 'passed'))
})
