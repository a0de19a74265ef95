import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkInput } from '../../test/checkInput.ts'
import { flowOf } from '../../test/observed.ts'
import { scriptedNet } from '../../test/scriptedNet.ts'
import { checkReportSchema } from '../config/reportSchema.ts'
import { rejudge } from '../diagnose/index.ts'
import type { FlowTarget } from '../model/flow.ts'
import type { CheckReport } from '../model/report.ts'
import type { SniffEnd, Sniffed, Sniffing } from '../net/sniff.ts'
import type { TcpSegment } from '../wire/packet.ts'
import type { StartCapture } from './capture.ts'
import { check } from './check.ts'
import { findingsOf } from './findingsOf.ts'

const dc = '10.1.0.5'
const own = '10.1.0.10'
/** When everything of a played network happens. */
const sec = Date.parse('2026-11-20T10:00:00.000Z') / 1000

const flow = (port: number, parts: Partial<FlowTarget> = {}) =>
  flowOf({ flow: `tcp-${port}`, target: { port, service: 'tcp', ...parts } })

/** A SYN to a port of the host, and what came back, a millisecond later. */
function knock(port: number, back: Partial<TcpSegment>): readonly Sniffed[] {
  const common = { length: 40, sequence: 1, acknowledgement: 0, fin: false, push: false, window: 1, optionOctets: 0 }
  const segment = {
    ...common,
    kind: 'tcp',
    payloadAt: 40,
    payloadOctets: 0,
    syn: false,
    ack: true,
    rst: false,
  } as const
  const there = { source: own, sourcePort: 50_000 + port, destination: dc, destinationPort: port, ttl: 64 }
  const here = { source: dc, sourcePort: port, destination: own, destinationPort: 50_000 + port }
  return [
    { time: { sec, nanos: 1e6 }, packet: { ...segment, ...there, syn: true, ack: false } },
    { time: { sec, nanos: 2e6 }, packet: { ...segment, ...here, ttl: 63, ...back } },
  ]
}

const refusedAndOpen = [...knock(636, { rst: true, ttl: 64 }), ...knock(389, { syn: true })]

/** A capture that hears what is given once it is stopped. */
function played(
  heard: readonly Sniffed[],
  end: SniffEnd = { kind: 'stopped', lost: 0 },
): { readonly start: StartCapture; readonly asked: (readonly string[])[]; stops: number } {
  const asked: (readonly string[])[] = []
  const { promise: ended, resolve } = Promise.withResolvers<SniffEnd>()
  async function* packets(): AsyncGenerator<Sniffed> {
    await ended
    yield* heard
  }
  const state = {
    asked,
    stops: 0,
    start: async (addresses: readonly string[]): Promise<Sniffing> => {
      asked.push(addresses)
      const stop = async (): Promise<SniffEnd> => {
        state.stops += 1
        resolve(end)
        return end
      }
      return { kind: 'capturing', sniffer: { packets: packets(), ended, stop } }
    },
  }
  return state
}

async function checked(
  capture: StartCapture | undefined,
  ports: readonly number[] = [636, 389],
  {
    fails = 'refused',
    refusing = [636],
    signal,
  }: {
    readonly fails?: 'refused' | 'hang' | 'timeout'
    readonly refusing?: readonly number[]
    readonly signal?: AbortSignal
  } = {},
): Promise<CheckReport> {
  const { net } = scriptedNet({
    connect: (place) => (refusing.some((port) => place === `${dc}:${port}`) ? fails : 'connected'),
  })
  return check(
    checkInput(
      ports.map((port) => flow(port)),
      { from: 'connect01' },
    ),
    net,
    { signal: signal ?? new AbortController().signal, ...(capture !== undefined && { capture }) },
  )
}

test('what packets show of a refusal is evidence of its flow, and decides', async () => {
  const capture = played(refusedAndOpen)
  const report = await checked(capture.start)
  assert.deepEqual(capture.asked, [[dc]])
  assert.equal(capture.stops, 1)
  assert.deepEqual(report.rights, ['connect', 'capture'])
  assert.deepEqual(report.capture, { outcome: 'captured', packets: 4, lost: 0 })
  const [refused, open] = report.flows
  assert.deepEqual([refused?.cause, refused?.confidence, open?.verdict], ['refused-by-firewall', 'certain', 'open'])
  const packets = refused?.evidence.filter((one) => one.kind === 'packet-evidence') ?? []
  assert.deepEqual(
    packets.map(({ role, port, sent, rst, synAck }) => ({ role, port, sent, rst: rst?.ttl, synAck: synAck?.ttl })),
    [
      { role: 'probe', port: 636, sent: 1, rst: 64, synAck: undefined },
      { role: 'repeat', port: 636, sent: 1, rst: 64, synAck: undefined },
      { role: 'context', port: 389, sent: 1, rst: undefined, synAck: 63 },
    ],
  )
  assert.ok(packets.every(({ of }) => refused?.evidence.some(({ id }) => id === of)))
  assert.deepEqual(
    open?.evidence.filter((one) => one.kind === 'packet-evidence'),
    [],
  )
  assert.deepEqual(rejudge(JSON.parse(JSON.stringify(report)), findingsOf), JSON.parse(JSON.stringify(report)))
})

test('a host that answers at one port of many is known by it, whatever else it refuses', async () => {
  const refused = [636, 88, 135, 445, 464]
  const capture = played([
    ...refused.flatMap((port) => knock(port, { rst: true, ttl: 63 })),
    ...knock(389, { syn: true }),
  ])
  const report = await checked(capture.start, [...refused, 389], { refusing: refused })
  const told = report.flows.map(({ cause, evidence }) => [
    cause,
    evidence.some((one) => one.kind === 'packet-evidence' && one.port === 389 && one.role === 'context'),
  ])
  assert.deepEqual(told, [...refused.map(() => ['refused-by-host', true]), [undefined, false]])
})

test('SYNs that a capture of everything never saw leave were dropped on this machine', async () => {
  const capture = played(knock(389, { syn: true }))
  const report = await checked(capture.start, [636, 389], { fails: 'timeout' })
  const [silent] = report.flows
  assert.deepEqual([silent?.cause, silent?.owner, silent?.confidence], ['filtered-silently', 'host', 'likely'])
  assert.match(silent?.says ?? '', /no SYN left it, and to 389 of the same host they did$/)
})

test('a capture that may have missed SYNs says nothing of those that it did not see', async () => {
  const lossy = await checked(played(knock(389, { syn: true }), { kind: 'stopped', lost: 3 }).start, [636, 389], {
    fails: 'timeout',
  })
  const { start } = played(knock(389, { syn: true }))
  const oneInterface: StartCapture = async (...asked) => {
    const sniffing = await start(...asked)
    return sniffing.kind === 'capturing' ? { ...sniffing, isPartial: true } : sniffing
  }
  const partial = await checked(oneInterface, [636, 389], { fails: 'timeout' })
  for (const { flows } of [lossy, partial]) assert.equal(flows[0]?.owner, 'firewall')
})

test('without a capture the same is refused, and nothing is said of one', async () => {
  const report = await checked(undefined)
  assert.deepEqual([report.flows[0]?.cause, report.rights, report.capture], ['refused', ['connect'], undefined])
})

test('a capture that cannot begin is told, and the check goes on', async () => {
  const report = await checked(async () => ({ kind: 'no-rights', why: 'you do not have permission' }))
  assert.deepEqual(report.capture, { outcome: 'not-captured', packets: 0, why: 'you do not have permission' })
  assert.deepEqual([report.rights, report.flows[0]?.cause, report.flows[1]?.verdict], [['connect'], 'refused', 'open'])
})

test('what lets a capture begin is the next step of what packets would have told, also when it is judged again', async () => {
  const remedy = 'install tcpdump'
  const report = await checked(async () => ({ kind: 'no-tool', why: 'there is none', remedy }))
  assert.equal(report.capture?.remedy, remedy)
  const [refused] = report.flows
  assert.match(
    refused?.nextProbe ?? '',
    /Then let --capture begin \(packets tell whose refusal it is\): install tcpdump$/,
  )
  const [again] = rejudge(report, findingsOf).flows
  assert.equal(again?.nextProbe, refused?.nextProbe)
  assert.ok(checkReportSchema.safeParse(JSON.parse(JSON.stringify(report))).success)
})

test('a capture that ends by itself keeps what it saw and says why', async () => {
  const capture = played(refusedAndOpen, { kind: 'no-means', why: 'the device went down' })
  const report = await checked(capture.start)
  assert.deepEqual(report.capture, { outcome: 'not-captured', packets: 4, why: 'the device went down' })
  assert.equal(report.flows[0]?.cause, 'refused-by-firewall')
})

test('what a capture has lost is said with each attempt', async () => {
  const report = await checked(played(refusedAndOpen, { kind: 'stopped', lost: 9 }).start)
  assert.equal(report.capture?.lost, 9)
  const packets = report.flows[0]?.evidence.filter((one) => one.kind === 'packet-evidence') ?? []
  assert.ok(packets.length > 0 && packets.every(({ lost }) => lost === 9))
})

test('where nothing is dialled nothing is captured', async () => {
  const capture = played([])
  const report = await checked(capture.start, [])
  assert.deepEqual([capture.asked, report.capture?.outcome], [[], 'not-captured'])
})

test('a capture that hands its packets over at its end is given the time that this takes', async () => {
  const capture = played(refusedAndOpen)
  let givenMs = 0
  const report = await checked(async (...asked) => {
    const sniffing = await capture.start(...asked)
    if (sniffing.kind !== 'capturing') return sniffing
    const { sniffer } = sniffing
    const stop: typeof sniffer.stop = (limits) => {
      givenMs = limits.timeoutMs
      return sniffer.stop(limits)
    }
    return { kind: 'capturing', sniffer: { ...sniffer, stopMs: 70_000, stop } }
  })
  assert.equal(givenMs, 70_000)
  assert.equal(report.flows[0]?.cause, 'refused-by-firewall')
})

test('a check that is stopped ends its capture', async () => {
  const stopping = new AbortController()
  const capture = played([])
  let lives: AbortSignal | undefined
  const start: StartCapture = async (addresses, alive, limits) => {
    lives = alive
    setTimeout(() => stopping.abort(), 50)
    return capture.start(addresses, alive, limits)
  }
  const report = await checked(start, [636, 389], { fails: 'hang', signal: stopping.signal })
  assert.deepEqual([report.interrupted, lives?.aborted], [true, true])
})

test('a capture that throws costs the packets and nothing else', async () => {
  const report = await checked(() => Promise.reject(new TypeError('no such thing')))
  assert.match(report.capture?.why ?? '', /^the capture of Postern failed: no such thing$/)
  async function* packets(): AsyncGenerator<Sniffed> {
    yield* refusedAndOpen
    throw new TypeError('octets is not iterable')
  }
  const end = Promise.resolve<SniffEnd>({ kind: 'stopped' })
  const sniffer = { packets: packets(), ended: end, stop: () => end }
  const { capture } = await checked(async () => ({ kind: 'capturing', sniffer }))
  assert.deepEqual([capture?.outcome, capture?.packets], ['not-captured', 4])
})

test('what is asked at a mapped address goes over IPv4, where its packets are found', async () => {
  const capture = played(knock(636, { rst: true, ttl: 64 }))
  const { net } = scriptedNet({ connect: () => 'refused' })
  const report = await check(
    checkInput([flow(636, { address: `::ffff:${dc}` })], { from: 'connect01', families: ['ipv4', 'ipv6'] }),
    net,
    { signal: new AbortController().signal, capture: capture.start },
  )
  const [packets] = report.flows[0]?.evidence.filter((one) => one.kind === 'packet-evidence') ?? []
  assert.deepEqual([packets?.address, packets?.sent, packets?.rst?.ttl], [`::ffff:${dc}`, 1, 64])
})
