import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import fc from 'fast-check'
import { handlesLeft, openHandles } from '../../test/openHandles.ts'
import { ntpOfUnix } from '../wire/ntp.ts'
import { askTime } from './askTime.ts'
import type { Clock } from './clock.ts'
import { systemClock } from './clock.ts'
import { traitsOf } from './platformTraits.ts'

const never = new AbortController().signal
const random = (octets: number): Uint8Array => crypto.getRandomValues(new Uint8Array(octets))
const tools = { clock: systemClock, random }
const limits = (timeoutMs: number) => ({ signal: never, timeoutMs })

/** A time server that gives back these datagrams, in this order, for each request. */
async function timeServer(t: Pick<TestContext, 'after'>, answers: (request: Buffer) => readonly Buffer[]) {
  const socket = createSocket('udp4', (request, from) => {
    for (const answer of answers(request)) socket.send(answer, from.port, from.address)
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  t.after(() => socket.close())
  return { address: '127.0.0.1', port: socket.address().port }
}

/** A sound answer of a server whose clock shows this. */
function answer(request: Buffer, serverMs: number, over: { readonly [at: number]: number } = {}): Buffer {
  const octets = Buffer.alloc(48)
  octets.set([0x24, 2, 6, 0xe9])
  octets.set([10, 1, 0, 1], 12)
  request.copy(octets, 24, 40, 48)
  octets.writeBigUInt64BE(ntpOfUnix(serverMs), 32)
  octets.writeBigUInt64BE(ntpOfUnix(serverMs), 40)
  for (const [at, octet] of Object.entries(over)) octets[Number(at)] = octet
  return octets
}

test('the offset is the server’s clock less this machine’s, whatever the wall clock does meanwhile', async (t) => {
  let asked = 0
  // The wall clock is set by an hour after it has been read for the request; what counts time goes on.
  const clock: Clock = {
    now: () => (asked++ < 3 ? 1_800_000_000_000 : 1_800_003_600_000),
    monotonicMs: () => 5000,
  }
  const server = await timeServer(t, (request) => [answer(request, 1_800_000_090_000)])
  const seen = await askTime(server, limits(5000), { clock, random })
  assert.equal(seen.outcome, 'answer')
  assert.deepEqual(seen.time, {
    kind: 'time',
    leap: 'none',
    version: 4,
    stratum: 2,
    reference: '10.1.0.1',
    rootDelayMs: 0,
    rootDispersionMs: 0,
    offsetMs: 90_000,
    delayMs: 0,
  })
  assert.deepEqual([seen.bytesOut, seen.bytesIn], [48, 48])
})

test('each request has a stamp of its own, which is not the time', async (t) => {
  const stamps: bigint[] = []
  const server = await timeServer(t, (request) => {
    stamps.push(request.readBigUInt64BE(40))
    return [answer(request, Date.now())]
  })
  await askTime(server, limits(5000), tools)
  await askTime(server, limits(5000), tools)
  assert.equal(new Set(stamps).size, 2)
})

test('what does not belong to the request is passed over, and the answer behind it taken', async (t) => {
  const server = await timeServer(t, (request) => {
    const late = answer(request, Date.now())
    late.fill(7, 24, 32)
    return [Buffer.from('hello'), late, answer(request, Date.now())]
  })
  const seen = await askTime(server, limits(5000), tools)
  assert.equal(seen.time?.kind, 'time')
})

for (const { says, octets, kind } of [
  { says: 'no NTP', octets: () => Buffer.from('SSH-2.0-dropbear'), kind: 'unreadable' },
  { says: 'its own request back', octets: (request: Buffer) => request, kind: 'not-ours' },
  {
    says: 'an answer to somebody else',
    octets: (request: Buffer) => answer(request, Date.now(), { 24: (request[40] ?? 0) ^ 1 }),
    kind: 'not-ours',
  },
] as const) {
  test(`a server that says only ${says} is told as ${kind}`, async (t) => {
    const server = await timeServer(t, (request) => [octets(request)])
    const seen = await askTime(server, limits(50), tools)
    assert.deepEqual([seen.outcome, seen.time?.kind], ['answer', kind])
  })
}

test('a kiss-o’-death is told with its meaning', async (t) => {
  const server = await timeServer(t, (request) => [answer(request, 0, { 1: 0, 12: 68, 13: 69, 14: 78, 15: 89 })])
  const seen = await askTime(server, limits(5000), tools)
  assert.deepEqual(seen.time, { kind: 'kiss', code: 'DENY', means: 'the server denies access' })
})

test('an answer without stamps holds no time', async (t) => {
  const server = await timeServer(t, (request) => [answer(request, 0).fill(0, 40, 48)])
  const seen = await askTime(server, limits(5000), tools)
  assert.ok(seen.time?.kind === 'time' && seen.time.offsetMs === undefined && seen.time.delayMs === undefined)
})

test('silence is a time-out, a closed port a refusal, and both leave no socket', async (t) => {
  const before = openHandles('UDPWrap')
  const silent = await timeServer(t, () => [])
  assert.equal((await askTime(silent, limits(20), tools)).outcome, 'timeout')
  const onWindows = await askTime(silent, limits(20), { ...tools, traits: traitsOf('win32') })
  assert.deepEqual([onWindows.outcome, onWindows.refusalUnheard], ['timeout', true])
  const gone = createSocket('udp4').bind(0, '127.0.0.1')
  await once(gone, 'listening')
  const { port } = gone.address()
  gone.close()
  await once(gone, 'close')
  assert.equal((await askTime({ address: '127.0.0.1', port }, limits(5000), tools)).outcome, 'refused')
  assert.ok((await handlesLeft('UDPWrap', before + 1)) <= before + 1)
})

test('any datagram gives an observation in bounded time', async (t) => {
  let next: Buffer = Buffer.alloc(0)
  const server = await timeServer(t, (request) => [next, answer(request, Date.now())])
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 1200 }), async (octets) => {
      next = Buffer.from(octets)
      const seen = await askTime(server, limits(5000), tools)
      assert.equal(seen.outcome, 'answer')
      assert.equal(seen.time?.kind, 'time')
    }),
    { numRuns: 100 },
  )
})
