import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { fakeMachine, nothingAsked } from '../../test/fakeMachine.ts'
import type { LookState } from '../model/doctorReport.ts'
import type { HttpExchange, Unfiled } from '../model/observation.ts'
import type { ClockSource } from './clock.ts'
import { clock, judgeClock, offsetOfDate } from './clock.ts'

const minute = 60_000
const at = (offsetMs: number, uncertaintyMs = 500): ClockSource => ({
  kind: 'offset',
  from: 'x',
  offsetMs,
  uncertaintyMs,
})
const silent: ClockSource = { kind: 'silent', from: 'x', why: 'no answer in time' }

const rows: readonly (readonly [name: string, sources: readonly ClockSource[], state: LookState, says: RegExp])[] = [
  ['three that say the same', [at(0), at(300), at(-200)], 'ok', /3 of 3 .*right/],
  ['nobody', [silent, silent, silent], 'unknown', /not judged/],
  ['one that says the same', [at(0), silent, silent], 'unknown', /one is not enough/],
  ['one that says ten minutes', [at(10 * minute), silent, silent], 'unknown', /one is not enough/],
  [
    'two that agree that it is slow',
    [at(10 * minute), at(10 * minute + 400), silent],
    'limits',
    /slow by 10\.0 min: Kerb.* fail$/,
  ],
  [
    'two that agree that it is fast',
    [at(-2 * minute), silent, at(-2 * minute)],
    'limits',
    /fast by 2\.0 min.*from 5 minutes/,
  ],
  ['two that contradict each other', [at(10 * minute), at(0), silent], 'unknown', /do not agree/],
  ['two that agree that it is right, and one that is off', [at(0), at(0), at(60 * minute)], 'ok', /2 of 3/],
  [
    'two that agree that it is wrong, and one that bears it out',
    [at(60 * minute), at(60 * minute), at(0)],
    'limits',
    /2 of 3/,
  ],
  ['three that all contradict', [at(0), at(10 * minute), at(20 * minute)], 'unknown', /do not agree/],
  ['one that is vague beside one that is sure', [at(0, 20_000), at(15_000, 10), silent], 'ok', /2 of 2/],
]

for (const [name, sources, state, says] of rows) {
  test(`${name}: ${state}`, () => {
    const found = judgeClock(sources)
    assert.equal(found.state, state)
    assert.match(found.says, says)
    assert.equal(found.table?.rows.length, sources.length)
  })
}

test('one source accuses no clock, whatever it says, and neither do two that are minutes apart', () => {
  fc.assert(
    fc.property(fc.integer({ min: -1e12, max: 1e12 }), fc.integer({ min: 61_000, max: 1e12 }), (offset, apart) => {
      assert.equal(judgeClock([at(offset), silent, silent]).state, 'unknown')
      assert.equal(judgeClock([at(offset), at(offset + apart), silent]).state, 'unknown')
    }),
  )
})

const exchange = (headers: Record<string, string>): Unfiled<HttpExchange> => ({
  kind: 'http-exchange',
  at: '2026-11-21T10:00:00.000Z',
  ms: 300,
  url: 'http://crl.microsoft.com/',
  address: '192.0.2.80',
  method: 'HEAD',
  outcome: 'response',
  headers,
  firstByteMs: 200,
  body: { kind: 'empty', bytes: 0, members: {} },
})

test('a Date is a whole second, written between the question and the first octet of the answer', () => {
  const seen = offsetOfDate(exchange({ date: 'Sat, 21 Nov 2026 10:05:00 GMT' }), 'x')
  assert.deepEqual(seen, at(5 * minute + 400, 600))
})

test('a cached answer, one without a date and one that is no date tell no time', () => {
  for (const headers of [{ date: 'Sat, 21 Nov 2026 09:00:00 GMT', age: '3600' }, {}, { date: 'soon' }]) {
    assert.equal(offsetOfDate(exchange({ ...headers }), 'x').kind, 'silent')
  }
})

const bounds = { signal: new AbortController().signal, timeoutMs: 5000 }

test('three clocks are asked: two by their Date, one by NTP', async () => {
  const found = await clock.look(fakeMachine(), { ...nothingAsked, timeServer: '10.1.0.5' }, bounds)
  assert.equal(found.state, 'ok')
  assert.deepEqual(found.figures?.['agreeing'], 3)
  assert.match(found.table?.rows[1]?.join(' ') ?? '', /^NTP of 10\.1\.0\.5 the same/)
})

test('a clock that is off by an hour against all three is told with what to do', async () => {
  const hour = 3_600_000
  const clocks = { 'login.microsoftonline.com': hour, 'crl.microsoft.com': hour, '10.1.0.5': hour }
  const found = await clock.look(fakeMachine({ clocks }), { ...nothingAsked, timeServer: '10.1.0.5' }, bounds)
  assert.deepEqual([found.state, Math.floor(Number(found.figures?.['offsetMs']) / 1000)], ['limits', hour / 1000])
  assert.match(found.next ?? '', /w32tm/)
})

test('without a time server the two others judge, and it is said that none was asked', async () => {
  const found = await clock.look(fakeMachine(), nothingAsked, bounds)
  assert.equal(found.state, 'ok')
  assert.match(found.table?.rows[1]?.join(' ') ?? '', /--ntp gives none/)
})

test('the time server of a site is its domain controller', async () => {
  const { loadSite } = await import('../config/loadSite.ts')
  const loaded = await loadSite(fileURLToPath(new URL('../../examples/smallest.yaml', import.meta.url)), '/')
  assert.ok('ok' in loaded)
  const found = await clock.look(fakeMachine(), { ...nothingAsked, site: loaded.ok.site }, bounds)
  assert.equal(found.table?.rows[1]?.[0], 'NTP of 10.1.0.5')
})

test('where this machine sets a proxy, the clocks are asked by it: a tunnel for https, the whole URL for http', async () => {
  const environment = { ALL_PROXY: 'http://svc:hunter2@10.1.0.40:3128' }
  const machine = fakeMachine({ means: { environment } })
  const asked: string[] = []
  const net: typeof machine.net = {
    ...machine.net,
    tunnel(proxy, to, limits) {
      asked.push(`tunnel ${proxy.address}:${proxy.port} ${to.host}:${to.port}`)
      return machine.net.tunnel(proxy, to, limits)
    },
    request(over, question, limits) {
      asked.push(`${question.proxy === undefined ? 'path' : 'whole'} ${question.url}`)
      return machine.net.request(over, question, limits)
    },
  }
  const found = await clock.look({ ...machine, net }, nothingAsked, bounds)
  assert.equal(found.state, 'ok')
  assert.deepEqual(asked.toSorted(), [
    'path https://login.microsoftonline.com/',
    'tunnel 10.1.0.40:3128 login.microsoftonline.com:443',
    'whole http://crl.microsoft.com/',
  ])
  assert.equal(found.table?.rows[0]?.[0], 'Date of https://login.microsoftonline.com by proxy 10.1.0.40:3128')
  assert.doesNotMatch(JSON.stringify(found), /hunter2/)
})

test('a proxy that refuses the tunnel leaves its clock silent, with what it answered', async () => {
  const machine = fakeMachine({ means: { environment: { ALL_PROXY: 'http://10.1.0.40:3128' } } })
  const net: typeof machine.net = {
    ...machine.net,
    async tunnel(proxy, to, limits) {
      const { seen } = await machine.net.tunnel(proxy, to, limits)
      return { seen, asked: { ...exchange({}), method: 'CONNECT', status: 407 } }
    },
  }
  const found = await clock.look({ ...machine, net }, nothingAsked, bounds)
  assert.equal(found.table?.rows[0]?.[1], 'not heard: the proxy answered 407')
})

test('a time server may be given with its port', async () => {
  const machine = fakeMachine()
  const asked: unknown[] = []
  const net: typeof machine.net = {
    ...machine.net,
    askTime(to, limits) {
      asked.push(to)
      return machine.net.askTime(to, limits)
    },
  }
  await clock.look({ ...machine, net }, { ...nothingAsked, timeServer: '[2001:db8::5]:1123' }, bounds)
  await clock.look({ ...machine, net }, { ...nothingAsked, timeServer: '2001:db8::5' }, bounds)
  assert.deepEqual(asked, [
    { address: '2001:db8::5', port: 1123 },
    { address: '2001:db8::5', port: 123 },
  ])
})
