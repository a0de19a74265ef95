import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { Server } from 'node:net'
import { createServer } from 'node:net'
import { test } from 'node:test'
import { mostConnections } from '../src/check/askControls.ts'
import { check } from '../src/check/check.ts'
import type { CheckEvent } from '../src/check/checkOptions.ts'
import { findingsOf } from '../src/check/findingsOf.ts'
import { rejudge } from '../src/diagnose/index.ts'
import { openLab } from '../src/lab/index.ts'
import type { Flow } from '../src/model/flow.ts'
import type { Observation } from '../src/model/observation.ts'
import { createNet } from '../src/net/createNet.ts'
import { checkInput } from './checkInput.ts'
import { checkLab } from './checkLab.ts'
import { opened } from './opened.ts'

const net = createNet({ trust: { site: [], machine: [] }, userAgent: 'postern/test' })

function flowTo(port: number, over: Partial<Flow> = {}): Flow {
  return {
    flow: `to-${port}`,
    from: 'here',
    fromRole: 'any',
    fromAddresses: [],
    to: 'there',
    toRole: 'any',
    target: { address: '127.0.0.1', port, transport: 'tcp', service: 'tcp' },
    necessity: 'required',
    expect: 'open',
    direction: 'internal',
    table: 'own',
    purpose: 'test',
    requiredWhen: 'always',
    features: [],
    unsettled: [],
    notes: [],
    source: 'test',
    ...over,
  }
}

async function listening(
  t: { after(end: () => void): void },
  onConnection = () => {},
): Promise<{ server: Server; port: number }> {
  const server = createServer((socket) => {
    onConnection()
    socket.on('error', () => {})
    t.after(() => socket.destroy())
  })
  return { server, port: await opened(t, server) }
}

test('a question that ten flows need is asked once, and all ten get its answer', async (t) => {
  let connections = 0
  const { port } = await listening(t, () => {
    connections += 1
  })
  const flows = Array.from({ length: 10 }, (_, index) => flowTo(port, { flow: `row-${index}` }))
  const report = await check(checkInput(flows), net, { signal: t.signal })
  assert.equal(report.summary.open, 10)
  assert.equal(connections, 1)
})

test('nothing is asked of what old builds and one machine alone use', async (t) => {
  let connections = 0
  const { port } = await listening(t, () => {
    connections += 1
  })
  const flows = (['legacy', 'local-only'] as const).map((necessity) => flowTo(port, { flow: necessity, necessity }))
  const report = await check(checkInput(flows), net, { signal: t.signal })
  assert.equal(report.summary.notRequired, 2)
  assert.equal(connections, 0)
  assert.deepEqual(report.findings, [])
})

test('a forbidden flow that answers is a finding of high severity; one that is closed is well', async (t) => {
  const { server, port } = await listening(t)
  const forbidden = flowTo(port, { expect: 'closed', necessity: 'not-required' })
  const open = await check(checkInput([forbidden]), net, { signal: t.signal })
  assert.deepEqual(
    open.findings.map(({ code, severity, flows }) => [code, severity, flows]),
    [['forbidden-flow-open', 'high', [forbidden.flow]]],
  )
  assert.equal(open.summary.forbiddenOpen, 1)
  server.close()
  await once(server, 'close').catch(() => {})
  const closed = await check(checkInput([forbidden]), net, { signal: t.signal })
  assert.deepEqual(closed.findings, [])
  assert.equal(closed.summary.closed, 1)
})

test(`a failed target costs ${mostConnections} connections of controls and repeats at most, and a good one none`, async (t) => {
  // Nobody listens on the failing port; the others of the same host count what they are asked.
  const { server, port: failing } = await listening(t)
  server.close()
  let connections = 0
  const others = await Promise.all(
    Array.from({ length: 12 }, () =>
      listening(t, () => {
        connections += 1
      }),
    ),
  )
  const flows = [flowTo(failing), ...others.map(({ port }) => flowTo(port))]
  const report = await check(checkInput(flows), net, { signal: t.signal })
  assert.equal(connections, others.length, 'ports that answered already are not asked again')
  const failed = report.flows.find(({ target }) => target.port === failing)
  const made = failed?.evidence.filter(({ role }) => role === 'repeat' || role === 'control') ?? []
  assert.ok(made.length > 0 && made.length <= mostConnections, `${made.length} controls`)
  assert.equal(failed?.cause, 'refused')
})

test('a server that speaks no TLS is asked twice in all, and the second time it is heard', async (t) => {
  const server = createServer((socket) => {
    connections += 1
    socket.on('error', () => {})
    socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
  })
  let connections = 0
  const port = await opened(t, server)
  const target = { address: '127.0.0.1', port, transport: 'tcp', service: 'tls', name: 'a.example' } as const
  const report = await check(checkInput([flowTo(port, { target })]), net, { signal: t.signal })
  const [flow] = report.flows
  assert.equal(flow?.cause, 'not-the-service')
  assert.match(flow?.says ?? '', /"HTTP\/1\.1 400 Bad Request"/)
  const onPort = flow?.evidence.filter((seen) => seen.kind === 'tcp-connect' && seen.port === port)
  assert.deepEqual(
    onPort?.map(({ role }) => role),
    ['probe', 'repeat'],
  )
  assert.equal(connections, 2)
})

test('what a silent server is asked again carries the name that it was asked for', async (t) => {
  const hellos: Buffer[] = []
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', (hello: Buffer) => hellos.push(hello))
    t.after(() => socket.destroy())
  })
  const port = await opened(t, server)
  const target = { address: '127.0.0.1', port, transport: 'tcp', service: 'tls', name: 'app.example' } as const
  const report = await check(checkInput([flowTo(port, { target })]), net, { signal: t.signal, timeoutMs: 300 })
  const roles = report.flows[0]?.evidence.filter(({ kind }) => kind === 'tls-handshake').map(({ role }) => role)
  assert.ok(roles?.includes('repeat'), `handshakes: ${roles}`)
  const named = hellos.filter((hello) => hello.includes('app.example'))
  // The long hello is the same question in another size; the one that every server refuses is no handshake of ours.
  assert.equal(named.length, (roles?.length ?? 0) + 1)
})

test('Ctrl-C gives the report of what is known and the rest as not run', async (t) => {
  const { port } = await listening(t)
  const interrupt = new AbortController()
  const events: CheckEvent[] = []
  const flows = Array.from({ length: 8 }, (_, index) =>
    // A name server that never answers: TCP is accepted and nothing comes.
    flowTo(port, {
      flow: `row-${index}`,
      target: {
        address: '127.0.0.1',
        port,
        transport: 'tcp',
        service: index === 0 ? 'tcp' : 'dns',
        name: `n${index}.example`,
      },
    }),
  )
  const report = await check(checkInput(flows), net, {
    signal: interrupt.signal,
    timeoutMs: 60_000,
    concurrency: 3,
    onEvent: (event) => {
      events.push(event)
      if (event.kind === 'settled') interrupt.abort(new Error('Ctrl-C'))
    },
  })
  assert.equal(report.interrupted, true)
  assert.equal(report.flows.length, flows.length)
  assert.equal(report.summary.open, 1)
  assert.equal(report.summary.notRun, 7)
  assert.ok(events.some(({ kind }) => kind === 'settled'))
})

test('when the time for the whole check is over the rest is not run, with that reason', async (t) => {
  const { port } = await listening(t)
  const target = { address: '127.0.0.1', port, transport: 'tcp', service: 'dns', name: 'a.example' } as const
  const report = await check(checkInput([flowTo(port, { target })]), net, {
    signal: t.signal,
    timeoutMs: 60_000,
    totalBudgetMs: 50,
  })
  assert.equal(report.interrupted, true)
  assert.equal(report.flows[0]?.verdict, 'not-run')
})

test('a report judged again from its file says what it said: observations carry everything', async (t) => {
  await using lab = await openLab()
  await lab.inject('expired')
  const report = await checkLab(lab, { signal: t.signal })
  const read: typeof report = JSON.parse(JSON.stringify(report))
  assert.deepEqual(rejudge(read, findingsOf), read)
})

test('observations of one report have ids of their own, and a shared one keeps its id', async (t) => {
  await using lab = await openLab()
  const report = await checkLab(lab, { signal: t.signal })
  const byId = new Map<string, Observation>()
  for (const { evidence } of report.flows) {
    for (const observation of evidence) {
      const known = byId.get(observation.id)
      if (known !== undefined) assert.deepEqual({ ...known, role: 'x' }, { ...observation, role: 'x' })
      byId.set(observation.id, observation)
    }
  }
  assert.ok(byId.size > 50)
})
