import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { dayMs, monday, noises, simulatedLine } from '../../../test/simulatedSeries.ts'
import type { PlayedJudge } from '../../../test/watch/judgedHistory.ts'
import { lookOf, playedJudge, writeLine } from '../../../test/watch/judgedHistory.ts'
import { memoryHistory } from '../../../test/watch/memoryHistory.ts'
import { plannedFlow, reportOf } from '../../../test/watch/plannedFlow.ts'
import type { CertificateFacts } from '../../model/certificateFacts.ts'
import { flowKey } from '../../model/flow.ts'
import type { Observation } from '../../model/observation.ts'
import type { Sample } from '../../model/sample.ts'
import { zoneClock } from '../../series/index.ts'
import type { BurnNews, FindingNews } from '../news.ts'
import type { Seen } from '../record/index.ts'
import { Judge } from './judge.ts'

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const days = 7
const end = monday + days * dayMs
const hosts = ['dc01', 'dc02', 'dc03', 'app01']
const flows = hosts.map((host) =>
  host === 'app01' ? plannedFlow(host, 'ldaps', { toRole: 'internet' }) : plannedFlow(host, 'ldaps'),
)
const [dc01, dc02] = flows
const white = (): ReturnType<NonNullable<(typeof noises)['white']>> => (noises['white'] ?? (() => () => 20))()

function findings({ news }: PlayedJudge): readonly FindingNews[] {
  return news.flatMap((one) => (one.kind === 'time-finding' ? [one] : []))
}

function kinds({ news }: PlayedJudge): readonly string[] {
  return news.map((one) => ('code' in one ? `${one.kind} ${one.code}` : one.kind))
}

/** A week of each flow: the first has what is given besides noise. */
async function weekOf(t: TestContext, first: Parameters<typeof simulatedLine>[0]): Promise<PlayedJudge> {
  const played = playedJudge(t, flows, end)
  for (const [place, flow] of flows.entries()) {
    const noise = simulatedLine({ days, latency: white() }, 20 + place)
    await writeLine(played.store, flow, {
      'connect-ms': place === 0 ? simulatedLine(first, 11) : noise,
      'tls-ms': simulatedLine({ days, latency: white() }, 40 + place),
    })
  }
  return played
}

const halfHourly = { periodMs: 30 * minuteMs, phaseMs: 7 * minuteMs, lastMs: 2 * minuteMs, times: 3 }

test('a controller with a spike each half hour is named with period, phase and schedule, and those beside it are even', async (t) => {
  const played = await weekOf(t, { days, latency: white(), spikes: halfHourly })
  await played.play(2 * hourMs)
  const [found, ...others] = findings(played)
  assert.ok(found)
  assert.deepEqual(others, [])
  assert.equal(found.code, 'periodic-spike')
  assert.match(found.says, /each 30 min, at minute [67], 3[67] \(UTC\)/)
  assert.match(found.says, /synchronisation cycle of Entra Connect/)
  assert.match(found.says, /dc01 alone has it, and 2 other controllers are even/)
  assert.deepEqual(found.suspect, { kind: 'destination', name: 'dc01' })
  assert.equal(found.confidence, 'likely')
})

test('a pattern is told once over a restart, is over when it stays away, and is not told again by what is left of it', async (t) => {
  const played = await weekOf(t, { days, latency: white(), spikes: halfHourly })
  await played.play(2 * hourMs)
  assert.deepEqual(kinds(played), ['time-finding periodic-spike'])
  played.restart()
  await played.play(2 * hourMs)
  assert.deepEqual(kinds(played), ['time-finding periodic-spike'])
  const calm = simulatedLine({ from: end, days: 1, latency: white() }, 77)
  await writeLine(played.store, flows[0] ?? assert.fail(), { 'connect-ms': calm })
  played.clock.now = end + 20 * hourMs
  played.restart()
  await played.play(14 * hourMs, 5 * minuteMs)
  assert.deepEqual(kinds(played), ['time-finding periodic-spike', 'finding-over periodic-spike'])
})

test('spikes that come at any time are no pattern', async (t) => {
  const played = await weekOf(t, { days, latency: white(), outliers: 0.03 })
  await played.play(8 * hourMs)
  assert.deepEqual(played.news, [])
})

for (const noise of Object.keys(noises)) {
  test(`a week of ${noise} comes to nothing`, async (t) => {
    const played = await weekOf(t, { days, latency: (noises[noise] ?? assert.fail())() })
    await played.play(8 * hourMs)
    assert.deepEqual(played.news, [])
  })
}

test('a level that went up is told with its time, once, and is over when it is back', async (t) => {
  const at = end - 6 * hourMs
  const noise = white()
  const isHigh = (time: number): boolean => time >= at && time < end + 4 * hourMs
  const played = await weekOf(t, {
    days: days + 1,
    latency: (time, random) => noise(time, random) * (isHigh(time) ? 4 : 1),
  })
  await played.play(3 * hourMs)
  const [found] = findings(played)
  assert.ok(found)
  assert.equal(found.code, 'level-shift')
  assert.ok(Math.abs(found.since - at) <= 3 * minuteMs, new Date(found.since).toISOString())
  assert.match(found.says, /connecting takes 8\d ms since 2026-02-08 1[78]:\d\dZ; before it took (19|2\d) ms/)
  assert.equal(found.severity, 'medium')
  played.restart()
  await played.play(9 * hourMs)
  assert.deepEqual(kinds(played), ['time-finding level-shift', 'finding-over level-shift'])
})

test('a path that loses some of a hundred looks is told as lossy, one that lost a few is not', async (t) => {
  const played = playedJudge(t, flows, end)
  const line = simulatedLine({ from: end - 2 * dayMs, days: 2, latency: white() }, 5)
  let turn = 0
  await writeLine(played.store, dc01 ?? assert.fail(), { 'connect-ms': line }, () => (turn++ * 7) % 100 < 4)
  let other = 0
  await writeLine(played.store, dc02 ?? assert.fail(), { 'connect-ms': line }, () => other++ % 700 === 3)
  await played.play(hourMs)
  const [found, ...others] = findings(played)
  assert.deepEqual(others, [])
  assert.equal(found?.code, 'lossy-path')
  assert.equal(found?.subject, flowKey(dc01 ?? assert.fail()))
  const calm = simulatedLine({ from: end, days: 1, latency: white() }, 6)
  await writeLine(played.store, dc01 ?? assert.fail(), { 'connect-ms': calm })
  played.clock.now = end + 12 * hourMs
  await played.play(2 * hourMs)
  assert.deepEqual(kinds(played), ['time-finding lossy-path', 'finding-over lossy-path'])
})

test('one of two addresses that fails is named, and both of them are not', async (t) => {
  const key = flowKey(dc01 ?? assert.fail())
  for (const bad of [['10.1.0.6'], ['10.1.0.5', '10.1.0.6']]) {
    const played = playedJudge(t, flows, end)
    const samples = Array.from({ length: 360 }, (_, turn): Sample => {
      const address = turn % 2 === 0 ? '10.1.0.5' : '10.1.0.6'
      return lookOf(key, end - (360 - turn) * minuteMs, !(bad.includes(address) && turn % 8 > 3), { address })
    })
    await played.store.write({ samples })
    for (const sample of samples.slice(-4)) {
      played.judge.seen([{ sample, readings: [], report: reportOf(dc01 ?? assert.fail()) }])
    }
    await played.play(hourMs)
    const named = findings(played).filter(({ code }) => code === 'one-bad-node')
    assert.deepEqual(
      named.map(({ suspect }) => suspect?.name),
      bad.length === 1 ? ['10.1.0.6'] : [],
    )
  }
})

/** Looks once a minute, as a watcher hands them on and keeps them. */
async function lookEachMinute(
  played: PlayedJudge,
  minutes: number,
  isWell: (minute: number) => boolean,
): Promise<void> {
  const flow = dc01 ?? assert.fail()
  const key = flowKey(flow)
  for (let minute = 0; minute < minutes; minute += 1) {
    const at = played.clock.now
    const times = isWell(minute) ? [at] : [at, at + 3000, at + 6000, at + 9000]
    const samples = times.map((time) => lookOf(key, time, isWell(minute)))
    await played.store.write({ samples })
    played.judge.seen(samples.map((sample) => ({ sample, readings: [], report: reportOf(flow) })))
    await played.play(minuteMs)
  }
}

test('bad minutes alert by their pace: none for one, a page for ten in a row, and it is over afterwards', async (t) => {
  const played = playedJudge(t, flows, end)
  await lookEachMinute(played, 60, (minute) => minute !== 30)
  assert.deepEqual(kinds(played), [])
  await lookEachMinute(played, 10, () => false)
  const burns = played.news.flatMap((one): BurnNews[] => (one.kind === 'burn-rate' ? [one] : []))
  assert.deepEqual(
    burns.map(({ level }) => level),
    ['page'],
  )
  assert.match(burns[0]?.says ?? '', /of \d+ minutes of the last 1 h were bad/)
  played.restart()
  await lookEachMinute(played, 60, () => true)
  assert.deepEqual(kinds(played), ['burn-rate', 'burn-rate'])
})

/** A judge of very many flows, whose history has nothing and costs what is said. */
function busyJudge(flowsAsked: number, costMs: number) {
  const many = Array.from({ length: flowsAsked }, (_, place) => plannedFlow(`host${place >> 3}`, `flow${place & 7}`))
  const counts = { asked: 0, ms: 0 }
  const clock = { now: end }
  const store = {
    ...memoryHistory(),
    tallies: () => {
      counts.asked += 1
      counts.ms += costMs
      return []
    },
  }
  const judge = new Judge(
    { flows: many, timeoutMs: 3000, confirmations: 3, objective: 0.999, clock: zoneClock('UTC') ?? assert.fail() },
    { store, now: () => clock.now, monotonicMs: () => counts.ms, onNews: async () => {}, onTrouble: assert.fail },
  )
  return { judge, clock, counts }
}

test('in one beat no more subjects are asked than its budget has, of 8,000 flows', async () => {
  const { judge, clock, counts } = busyJudge(8000, 0)
  for (let beat = 0; beat < 30; beat += 1) {
    const before = counts.asked
    // One of them comes late, as after a machine slept.
    clock.now += beat === 20 ? 5 * hourMs : 1000
    await judge.beat()
    assert.ok(counts.asked - before <= 12, `${counts.asked - before} in beat ${beat}`)
  }
  assert.ok(counts.asked >= 100, `${counts.asked} in 30 beats`)
})

test('a beat whose time is used up asks nothing more', async () => {
  const { judge, clock, counts } = busyJudge(8000, 1000)
  await judge.beat()
  clock.now += minuteMs
  await judge.beat()
  assert.equal(counts.asked, 1)
})

const leaf = {
  subject: 'CN=dc01.corp.example',
  issuer: 'CN=Corp CA',
  serial: '01',
  sha1: 'AA',
  sha256: 'AB'.repeat(32),
  notBefore: '2025-03-01T00:00:00.000Z',
  notAfter: '2026-02-19T00:00:00.000Z',
  subjectAltNames: [],
  caIssuers: [],
  selfSigned: false,
  from: 'handshake',
} as const satisfies CertificateFacts

/** A look that came as far as the certificate. */
function shown(at: number, certificate: CertificateFacts, address = '10.1.0.5'): Seen {
  const flow = dc01 ?? assert.fail()
  const sample = lookOf(flowKey(flow), at, true, { certificate: certificate.sha256.toLowerCase(), address })
  const observed = { id: 'e1', role: 'probe', at: new Date(at).toISOString(), ms: 1 } as const
  const evidence: readonly Observation[] = [
    {
      ...observed,
      kind: 'name-lookup',
      name: 'dc01.corp.example',
      type: 'A',
      resolver: '10.1.0.1:53',
      resolverRole: 'internal',
      transport: 'udp',
      outcome: 'answer',
      answers: [address],
      aliases: [],
    },
    {
      ...observed,
      kind: 'tls-handshake',
      address,
      port: 636,
      serverName: 'dc01.corp.example',
      offered: { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.3', alpn: [] },
      outcome: 'established',
      bytesOut: 1,
      bytesIn: 1,
      chain: [certificate],
      sentCertificates: 1,
      anchoredIn: ['site'],
      signaturesVerify: true,
      stapledOcsp: false,
    },
  ]
  return { sample, readings: [], report: { ...reportOf(flow), evidence, timing: sample.timing } }
}

test('a certificate near its end is told, again when it gets graver, once over a restart, and is over when it was renewed', async (t) => {
  const played = playedJudge(t, flows, end)
  const look = async (certificate: CertificateFacts): Promise<void> => {
    const seen = shown(played.clock.now, certificate)
    await played.store.write({ samples: [seen.sample] })
    played.judge.seen([seen])
    await played.play(20 * minuteMs, 10 * minuteMs)
  }
  await look(leaf)
  assert.deepEqual(
    findings(played).map(({ code, severity }) => `${code} ${severity}`),
    ['certificate-expires medium'],
  )
  assert.match(findings(played)[0]?.says ?? '', /dc01\.corp\.example:636, is valid until 2026-02-19, 9 days from now/)
  played.clock.now += 5 * dayMs
  await look(leaf)
  played.restart()
  await look(leaf)
  assert.deepEqual(
    findings(played).map(({ severity }) => severity),
    ['medium', 'high'],
  )
  played.restart()
  await look({ ...leaf, sha256: 'CD'.repeat(32), notAfter: '2027-02-19T00:00:00.000Z' })
  assert.deepEqual(kinds(played).at(-1), 'finding-over certificate-expires')
})

test('an answer or a chain that was steady for a day is told when it is another; one that goes to and fro is not', async (t) => {
  const other = { ...leaf, notAfter: '2027-02-19T00:00:00.000Z', issuer: 'CN=Corp CA 2', sha256: 'EF'.repeat(32) }
  const long = { ...leaf, notAfter: '2027-02-19T00:00:00.000Z' }
  const steady = playedJudge(t, flows, end)
  const rotating = playedJudge(t, flows, end)
  for (let minute = 0; minute < 26 * 60; minute += 2) {
    const at = end + minute * minuteMs
    const isLate = minute >= 25 * 60
    steady.judge.seen([shown(at, isLate ? other : long, isLate ? '10.1.0.9' : '10.1.0.5')])
    const isOther = Math.floor(minute / 20) % 2 === 0
    rotating.judge.seen([shown(at, isOther ? other : long, isOther ? '10.1.0.9' : '10.1.0.5')])
  }
  await steady.play(minuteMs)
  await rotating.play(minuteMs)
  assert.deepEqual(kinds(steady), ['time-finding answer-changed', 'time-finding chain-changed'])
  assert.match(
    findings(steady)[0]?.says ?? '',
    /dc01\.corp\.example is 10\.1\.0\.9 by 10\.1\.0\.1:53; before it was 10\.1\.0\.5/,
  )
  assert.deepEqual(rotating.news, [])
})

test('connections near the limit of ports are told, few are not', async (t) => {
  const played = playedJudge(t, flows, end)
  const readings = [0.9, 0.1].flatMap((share, place) =>
    Array.from({ length: 600 }, (_, minute) => ({
      subject: `target:10.1.0.${place}:636`,
      measure: 'connections-count' as const,
      at: end - minute * minuteMs,
      value: Math.round(share * 28_232) + (minute % 7),
    })),
  )
  await played.store.write({ readings })
  played.judge.limited(['target:10.1.0.0:636', 'target:10.1.0.1:636'], {
    most: 28_232,
    of: 'local ports of connect01 to one place',
  })
  await played.play(5 * minuteMs)
  assert.deepEqual(
    findings(played).map(({ code, subject, severity }) => `${code} ${subject} ${severity}`),
    ['saturation target:10.1.0.0:636 high'],
  )
})

test('a time that grows towards the time-out is told days before it meets it', async (t) => {
  const played = playedJudge(t, flows, end)
  const from = end - 21 * dayMs
  const noise = white()
  const line = simulatedLine(
    {
      from,
      days: 21,
      everyMs: 5 * minuteMs,
      latency: (at, random) => noise(at, random) * (1 + (4 * (at - from)) / dayMs),
    },
    3,
  )
  await writeLine(played.store, dc01 ?? assert.fail(), { 'first-byte-ms': line })
  await played.play(hourMs)
  const nearing = findings(played).filter(({ code }) => code === 'timeout-nears')
  assert.equal(nearing.length, 1)
  assert.match(nearing[0]?.says ?? '', /the first answer gets slower by \d+ ms a day; .* in \d+ days/)
})
