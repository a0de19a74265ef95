import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkInput } from '../../test/checkInput.ts'
import { filed, flowOf, lookup, tcp, udp } from '../../test/observed.ts'
import type { Script } from '../../test/scriptedNet.ts'
import { scriptedNet } from '../../test/scriptedNet.ts'
import { checkReportSchema } from '../config/reportSchema.ts'
import { rejudge } from '../diagnose/index.ts'
import type { Flow } from '../model/flow.ts'
import type { CheckReport } from '../model/report.ts'
import type { Limits } from '../net/net.ts'
import type { Traced, TraceQuestion } from '../net/tracePath.ts'
import type { Question } from '../probes/probe.ts'
import { check } from './check.ts'
import { silentAfter } from './earlyControls.ts'
import { findingsOf } from './findingsOf.ts'
import type { TracePath } from './traces.ts'
import { mostTraces, silentPlaceOf } from './traces.ts'

const dc = '10.1.0.5'
const tcpFlow = (port: number, address = dc): Flow =>
  flowOf({ flow: `tcp-${port}-${address}`, to: address, target: { port, address, service: 'tcp' } })

/** What a tool would have told of a place: the first hop answers, and of what is open the host does. */
function traced({ address, port }: TraceQuestion, open: readonly number[]): Traced {
  const first = { ttl: 1, address: '10.1.0.1', ms: 1 }
  const isOpen = open.includes(port)
  return {
    kind: 'traced',
    seen: {
      kind: 'path-trace',
      at: '2026-11-20T10:00:01.000Z',
      ms: 40,
      tool: 'traceroute',
      address,
      sent: 'tcp-syn',
      port,
      hops: [first, isOpen ? { ttl: 2, address, ms: 2 } : { ttl: 2 }],
      outcome: isOpen ? 'reached' : 'silent',
      ...(isOpen && { reply: 'syn-ack' as const }),
    },
  }
}

interface Ran {
  readonly report: CheckReport
  readonly asked: readonly TraceQuestion[]
  readonly limits: readonly Limits[]
}

async function checked(
  flows: readonly Flow[],
  open: readonly number[],
  trace: (question: TraceQuestion, limits: Limits) => Traced | Promise<Traced> = (question) => traced(question, open),
  {
    signal = new AbortController().signal,
    connect,
    timeoutMs = 500,
  }: { signal?: AbortSignal; timeoutMs?: number } & Pick<Script, 'connect'> = {},
): Promise<Ran> {
  const asked: TraceQuestion[] = []
  const limits: Limits[] = []
  const tool: TracePath = async (question, within) => {
    asked.push(question)
    limits.push(within)
    return trace(question, within)
  }
  const byPort = (place: string) => (open.includes(Number(place.split(':').at(-1))) ? 'connected' : 'timeout')
  const { net } = scriptedNet({ connect: connect ?? byPort })
  const report = await check(checkInput(flows), net, { signal, trace: tool, timeoutMs })
  assert.deepEqual(checkReportSchema.parse(report), report)
  return { report, asked, limits }
}

const portsOf = ({ asked }: Ran): readonly string[] => asked.map(({ address, port }) => `${address} ${port}`)
const evidenceOf = ({ report }: Ran, port: number) =>
  report.flows
    .find(({ target }) => target.port === port)
    ?.evidence.flatMap((one) => (one.kind === 'path-trace' ? [`${one.role} ${one.port}`] : []))

test('the path to a silent port is traced, and beside it that to one that is open', async () => {
  const ran = await checked([tcpFlow(389), tcpFlow(636)], [389])
  assert.deepEqual(portsOf(ran), [`${dc} 636`, `${dc} 389`])
  assert.deepEqual(
    ran.limits.map(({ timeoutMs }) => timeoutMs),
    [500, 500],
  )
  assert.deepEqual(evidenceOf(ran, 636), ['control 636', 'context 389'])
  assert.deepEqual(evidenceOf(ran, 389), [])
  assert.deepEqual(ran.report.traces, { traced: 2 })
  const flow = ran.report.flows.find(({ target }) => target.port === 636)
  assert.match(flow?.says ?? '', /a trace to 636 hears hop 1, 10\.1\.0\.1, as the last, where one to 389 goes on/)
  // The same is said again from the report alone.
  const again = rejudge(JSON.parse(JSON.stringify(ran.report)), findingsOf)
  assert.deepEqual(
    again.flows.map(({ says }) => says),
    ran.report.flows.map(({ says }) => says),
  )
})

test('two paths are traced to one address, however many of its ports are silent', async () => {
  const ran = await checked(
    [88, 135, 389, 636].map((port) => tcpFlow(port)),
    [],
  )
  assert.deepEqual(portsOf(ran), [`${dc} 88`, `${dc} 135`])
  assert.deepEqual(evidenceOf(ran, 88), ['control 88', 'context 135'])
  assert.deepEqual(evidenceOf(ran, 636), ['context 88', 'context 135'])
})

test('where one port alone is known, one that most hosts have something to say on is traced besides', async () => {
  assert.deepEqual(portsOf(await checked([tcpFlow(636)], [])), [`${dc} 636`, `${dc} 443`])
  assert.deepEqual(portsOf(await checked([tcpFlow(443)], [])), [`${dc} 443`, `${dc} 80`])
})

test('eight paths are traced in a check, of as many addresses first', async () => {
  const addresses = Array.from({ length: 10 }, (_, at) => `10.1.0.${at + 20}`)
  const ran = await checked(
    addresses.flatMap((address) => [tcpFlow(88, address), tcpFlow(636, address)]),
    [],
  )
  assert.equal(ran.asked.length, mostTraces)
  assert.equal(new Set(ran.asked.map(({ address }) => address)).size, mostTraces)
})

test('nothing is traced where all is well, refused, or on this machine, nor what must be closed', async () => {
  assert.equal((await checked([tcpFlow(389)], [389])).report.traces, undefined)
  const refused = await checked([tcpFlow(389)], [], undefined, { connect: () => 'refused' })
  const local = await checked([tcpFlow(389, '127.0.0.1')], [])
  const closed = await checked([{ ...tcpFlow(389), expect: 'closed' }], [])
  assert.deepEqual([refused, local, closed].flatMap(portsOf), [])
  assert.equal(closed.report.traces, undefined)
})

test('what ICMP calls unreachable is traced, for the name of who says so', async () => {
  const ran = await checked([tcpFlow(636)], [], undefined, { connect: () => 'host-unreachable' })
  assert.deepEqual(portsOf(ran), [`${dc} 636`, `${dc} 443`])
})

test('why nothing could be traced is said once, and the check goes on', async () => {
  const failure = { kind: 'no-rights', why: 'no right', remedy: 'sudo' } as const
  const ran = await checked([tcpFlow(389), tcpFlow(636)], [389], () => failure)
  assert.deepEqual(ran.report.traces, { traced: 0, why: 'no right', remedy: 'sudo' })
  assert.deepEqual(evidenceOf(ran, 636), [])
  assert.equal(ran.report.flows.find(({ target }) => target.port === 636)?.cause, 'filtered-silently')
  const thrown = await checked([tcpFlow(636)], [], () => Promise.reject(new Error('unforeseen')))
  assert.deepEqual(thrown.report.traces, { traced: 0, why: 'the trace of Postern failed: unforeseen' })
})

test('a tool that asks no port says the same of each, and is told once', async () => {
  const ran = await checked([tcpFlow(389), tcpFlow(636)], [], (question) => {
    const one = traced(question, [])
    if (one.kind !== 'traced') return one
    const { port: _, ...seen } = one.seen
    return { kind: 'traced', seen: { ...seen, tool: 'tracert', sent: 'icmp-echo' } }
  })
  assert.deepEqual(ran.report.traces, { traced: 1 })
  assert.deepEqual(evidenceOf(ran, 389), ['control undefined'])
  assert.deepEqual(evidenceOf(ran, 636), ['control undefined'])
})

test('a check that is stopped waits for no trace', async () => {
  const ends = new AbortController()
  const ran = await checked(
    [tcpFlow(636)],
    [],
    () => {
      ends.abort()
      return { kind: 'aborted', why: 'the trace was called off' }
    },
    { signal: ends.signal },
  )
  assert.equal(ran.report.interrupted, true)
  assert.equal(ran.report.traces, undefined)
})

/** Long enough for a question to count as silent while it is waited for. */
const timeoutMs = 2400
/** A trace that goes on until it is called off. */
const untilCalledOff = (_: TraceQuestion, { signal }: Limits): Promise<Traced> =>
  new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve({ kind: 'aborted', why: 'the trace was called off' }))
  })

test('a path is traced while its port is still waited for, in what is left of that', { timeout: 30_000 }, async () => {
  const silence = Promise.withResolvers<'timeout'>()
  const trace = (question: TraceQuestion): Traced => {
    silence.resolve('timeout')
    return traced(question, [])
  }
  const ran = await checked([tcpFlow(636)], [], trace, { connect: () => silence.promise, timeoutMs })
  assert.deepEqual(portsOf(ran), [`${dc} 636`, `${dc} 443`])
  const leftMs = timeoutMs - (silentAfter(timeoutMs) ?? 0)
  assert.deepEqual(
    ran.limits.map((limits) => limits.timeoutMs),
    [leftMs, leftMs],
  )
  assert.deepEqual(evidenceOf(ran, 636), ['control 636', 'context 443'])
  assert.deepEqual(ran.report.traces, { traced: 2 })
})

for (const [name, trace] of [
  ['still going on is called off', untilCalledOff],
  ['done is no evidence', (question: TraceQuestion) => traced(question, [])],
] as const) {
  test(`a trace to what answers after all: what is ${name}`, { timeout: 30_000 }, async () => {
    const answer = Promise.withResolvers<'connected'>()
    const traceBoth: typeof untilCalledOff = async (question, limits) => {
      if (question.port === 443) setImmediate(() => answer.resolve('connected'))
      return trace(question, limits)
    }
    const ran = await checked([tcpFlow(636)], [], traceBoth, { connect: () => answer.promise, timeoutMs })
    assert.deepEqual(
      ran.report.flows.map(({ verdict }) => verdict),
      ['open'],
    )
    assert.equal(ran.asked.length, 2)
    assert.ok(ran.limits.every(({ signal }) => signal.aborted))
    assert.equal(ran.report.traces, undefined)
  })
}

test('places that answer after all make room for one that does not', { timeout: 30_000 }, async () => {
  const late = Array.from({ length: mostTraces }, (_, at) => `10.1.0.${at + 20}`)
  const [answer, silence] = [Promise.withResolvers<'connected'>(), Promise.withResolvers<'timeout'>()]
  let [asked, ended] = [0, 0]
  const trace: typeof untilCalledOff = async (question, limits) => {
    if (!late.includes(question.address)) return traced(question, [])
    if (++asked === mostTraces) answer.resolve('connected')
    const made = await untilCalledOff(question, limits)
    if (++ended === mostTraces) silence.resolve('timeout')
    return made
  }
  const connect = (place: string) => (late.includes(place.replace(/:.*/, '')) ? answer.promise : silence.promise)
  const flows = [...late, dc].map((address) => tcpFlow(636, address))
  const ran = await checked(flows, [], trace, { connect, timeoutMs })
  assert.deepEqual(portsOf(ran).slice(mostTraces), [`${dc} 636`, `${dc} 443`])
  assert.deepEqual(ran.report.traces, { traced: 2 })
})

test('the path to what answers after all stays beside that to a silent port', { timeout: 30_000 }, async () => {
  const [answer, silence] = [Promise.withResolvers<'connected'>(), Promise.withResolvers<'timeout'>()]
  let asked = 0
  const trace = (question: TraceQuestion): Traced => {
    if (++asked === 2) answer.resolve('connected')
    return traced(question, [389])
  }
  const connect = (place: string) => {
    if (!place.endsWith(':389')) return silence.promise
    void answer.promise.then(() => setImmediate(() => silence.resolve('timeout')))
    return answer.promise
  }
  const ran = await checked([tcpFlow(389), tcpFlow(636)], [], trace, { connect, timeoutMs })
  assert.deepEqual(portsOf(ran), [`${dc} 389`, `${dc} 636`])
  assert.deepEqual(evidenceOf(ran, 636), ['context 389', 'control 636'])
  assert.deepEqual(ran.report.traces, { traced: 2 })
})

const question: Question = { scheme: 'tcp', address: dc, port: 636, transport: 'tcp' }

test('a place is silent where nothing was heard at it, wherever the question was led', () => {
  const place = (...seen: Parameters<typeof filed>[0]) => silentPlaceOf(question, filed(seen))
  const at = (port: number, transport: 'tcp' | 'udp' = 'tcp') => ({ address: dc, port, transport })
  assert.deepEqual(place(tcp('timeout')), at(636))
  assert.equal(place(tcp('timeout'), tcp('connected')), undefined)
  assert.equal(place(tcp('timeout'), tcp('refused')), undefined)
  // A port that an endpoint mapper named.
  assert.deepEqual(place(tcp('connected', { port: 135 }), tcp('timeout', { port: 49_667 })), at(49_667))
  assert.deepEqual(place(udp('timeout', { port: 88 })), at(88, 'udp'))
  // This machine's own rules have no path; over IPv6 the word may be a device's.
  assert.equal(place(tcp('admin-prohibited', { code: 'EACCES' })), undefined)
  assert.equal(place(tcp('admin-prohibited', { code: 'EPERM' })), undefined)
  assert.equal(place(tcp('admin-prohibited', { code: 'WSAEACCES' })), undefined)
  assert.equal(place(tcp('timeout', { proxy: 'egress' })), undefined)
  assert.equal(place(tcp('tool-limit')), undefined)
  assert.equal(silentPlaceOf({ ...question, via: { proxy: 'egress', port: 3128 } }, filed([tcp('timeout')])), undefined)
  assert.equal(silentPlaceOf(undefined, filed([tcp('timeout')])), undefined)
  const dns = { ...question, scheme: 'dns', port: 53, transport: 'udp' } as const
  assert.deepEqual(silentPlaceOf(dns, filed([lookup('timeout', { resolverRole: 'target' })])), at(53, 'udp'))
  assert.equal(silentPlaceOf(dns, filed([lookup('timeout')])), undefined)
})
