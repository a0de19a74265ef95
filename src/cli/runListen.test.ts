import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { caughtShell } from '../../test/caughtShell.ts'
import { listenReportSchema } from '../config/listenSchema.ts'
import type { AnswerPlace } from '../net/answerAt.ts'
import type { ListenMeans, ListenOptions } from './runListen.ts'
import { runListen } from './runListen.ts'
import { exitCodes, UsageError } from './shell.ts'

let cwd: string
before(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'postern-listen-'))
  await writeFile(
    join(cwd, 'postern.yaml'),
    `site: hq
hosts:
  near: { roles: [], addresses: [10.1.0.10] }
  app01: { roles: [], addresses: [10.1.0.5, 203.0.113.5] }
  lonely: { roles: [], addresses: [10.1.0.6] }
flows:
  - { id: web, from: near, to: app01, ports: [443, 8443], transport: [tcp], service: https }
  - { id: ask, from: near, to: app01, ports: [8453], transport: [udp], service: dns }
`,
  )
})
after(() => rm(cwd, { recursive: true, force: true }))

const options: ListenOptions = { site: './postern.yaml', ofRange: 1, color: false, seconds: 0 }

/** A machine on which places are opened, or not, by a table: nothing is bound. */
function meansOf(
  refuse: (place: AnswerPlace) => string | undefined = () => undefined,
  over: Partial<ListenMeans> = {},
): ListenMeans & { readonly asked: AnswerPlace[] } {
  const asked: AnswerPlace[] = []
  return {
    asked,
    machine: { addresses: ['127.0.0.1', '10.1.0.5'], names: ['app01'] },
    platform: 'linux',
    halfOpenNow: async () => [],
    openFiles: () => ({ most: 256, left: 200 }),
    answerAt: async (places, answers, onArrival) => {
      asked.push(...places)
      const opened = places.filter((place) => refuse(place) === undefined)
      const left = places.flatMap((place) => {
        const code = refuse(place)
        return code === undefined ? [] : [{ ...place, code }]
      })
      const [at] = opened
      // Said when the books are open, as whoever comes does.
      if (at !== undefined) {
        setImmediate(() => onArrival({ at, from: { address: '10.1.0.10', port: 50_123 }, kind: 'connected' }))
        setImmediate(() => onArrival({ at, from: { address: '10.1.0.10', port: 50_123 }, kind: 'spoke' }))
      }
      assert.ok(answers.bannerWithin({ address: '', port: 1, transport: 'udp' }, 'x', 40))
      return { opened, left, close: async () => {} }
    },
    ...over,
  }
}

async function ran(
  over: Partial<ListenOptions> = {},
  means: ListenMeans = meansOf(),
): Promise<{ code: number; stdout: string; stderr: string }> {
  const { shell, written } = caughtShell(cwd)
  const code = await runListen({ ...options, ...over }, shell, means)
  return { code, ...written }
}

async function refusal(over: Partial<ListenOptions>, means: ListenMeans = meansOf()): Promise<string> {
  try {
    await ran(over, means)
  } catch (error) {
    assert.ok(error instanceof UsageError)
    return error.lines.join('\n')
  }
  return assert.fail('it ran')
}

test('without --as it answers for the host that this machine is, on the planned addresses that it has', async () => {
  const means = meansOf()
  const { code, stdout, stderr } = await ran({}, means)
  assert.deepEqual([code, stderr], [exitCodes.well, ''])
  assert.match(stdout, /^Answers for app01 \(this machine has the address 10\.1\.0\.5\); Ctrl-C ends it\.$/m)
  assert.deepEqual(
    means.asked.map(({ address, port, transport }) => `${address} ${port}/${transport}`),
    ['10.1.0.5 443/tcp', '10.1.0.5 8443/tcp', '10.1.0.5 8453/udp'],
  )
})

test('ports under 1024 without the right are told in one line with the remedy, and the rest is answered', async () => {
  const { code, stdout } = await ran(
    {},
    meansOf(({ port }) => (port < 1024 ? 'EACCES' : undefined)),
  )
  assert.equal(code, exitCodes.well)
  assert.match(stdout, /^ {2}443\/tcp: ports under 1024 need a right that this user does not have: start it with sudo/m)
  assert.match(stdout, /answers on 2 planned ports/)
})

test('where nothing can be opened it does not run, and says why by reason', async () => {
  const told = await refusal(
    {},
    meansOf(({ port }) => (port < 1024 ? 'EACCES' : 'EADDRINUSE')),
  )
  assert.match(told, /443\/tcp: ports under 1024/)
  assert.match(told, /8443\/tcp, 8453\/udp: another program has it/)
})

test('the report says what was seen and what was not, and nothing else stands on stdout', async () => {
  const { stdout, stderr } = await ran({ json: true, seconds: 1 })
  const report = listenReportSchema.parse(JSON.parse(stdout))
  assert.deepEqual(report.summary, { connected: 1, arrived: 0, halfOpen: 0, notSeen: 2, notListened: 0 })
  assert.deepEqual(
    report.flows.map(({ flow, port, seen, peers }) => [flow, port, seen, peers]),
    [
      ['web', 443, 'connected', [{ address: '10.1.0.10', times: 1 }]],
      ['web', 8443, 'not-seen', []],
      ['ask', 8453, 'not-seen', []],
    ],
  )
  assert.match(stderr, /10\.1\.0\.10:50123 connected to 443\/tcp, and octets came; web from near/)
  assert.equal((await ran({ json: true, quiet: true })).stderr, '')
})

test('that there are no more files for connections is told once, with the limit and what raises it', async () => {
  const usual = meansOf()
  const { stdout } = await ran(
    {},
    meansOf(undefined, {
      answerAt: async (places, answers, onArrival, ...rest) => {
        const [at] = places
        assert.ok(at)
        const from = { address: '10.1.0.10', port: 50_123 }
        for (let times = 0; times < 3; times += 1) onArrival({ at, from, kind: 'out-of-files' })
        return usual.answerAt(places, answers, onArrival, ...rest)
      },
    }),
  )
  const told = stdout.match(/no more files open \(ulimit -n: 256\); who comes now is turned away.*ulimit -n 1024/g)
  assert.equal(told?.length, 1)
  assert.match(stdout, /turned away: this process may have no more open; web from near/)
})

test('a connection that nobody completes is told once, as the way back that is cut', async () => {
  const half = { port: 8443, peer: { address: '10.1.0.10', port: 50_001 } }
  const other = { port: 22, peer: { address: '10.1.0.10', port: 50_002 } }
  const means = meansOf(undefined, { halfOpenNow: async () => [half, half, other] })
  const { stdout } = await ran({ port: [{ first: 8443, last: 8443 }], seconds: 1 }, means)
  assert.equal(stdout.split('does not hear the answer').length, 2)
  const { stdout: json } = await ran({ json: true, quiet: true }, means)
  const flow = listenReportSchema.parse(JSON.parse(json)).flows.find(({ port }) => port === 8443)
  assert.deepEqual([flow?.seen, flow?.peers], ['half-open', [{ address: '10.1.0.10', times: 1 }]])
})

test('a flood of connections that nobody completes does not hide the one that comes after it', async () => {
  const flood = Array.from({ length: 5000 }, (_, at) => ({
    port: 8443,
    peer: { address: `192.0.${at >> 8}.${at & 255}`, port: 1024 },
  }))
  const planned = { port: 8443, peer: { address: '10.1.0.10', port: 50_001 } }
  const looks = [[], flood, [...flood, planned]]
  const means = meansOf(undefined, { halfOpenNow: async () => looks.shift() ?? [planned] })
  const { stdout } = await ran({ port: [{ first: 8443, last: 8443 }], seconds: 1 }, means)
  assert.match(stdout, /10\.1\.0\.10:50001 asks for 8443\/tcp and does not hear the answer/)
})

test('where the platform does not show such connections, it is said that silence can mean either way', async () => {
  const means = meansOf(undefined, { halfOpenNow: async () => undefined })
  assert.match((await ran({}, means)).stdout, /no line here can mean either way/)
  assert.match((await ran({}, means)).stdout, /nobody asked, or one of the ways is cut/)
})

test('on a machine that has no planned address, all of its addresses answer, and that is said', async () => {
  const means = meansOf(undefined, { machine: { addresses: ['127.0.0.1', '192.0.2.9', 'fe80::1'], names: [] } })
  const { stdout } = await ran({ as: 'app01' }, means)
  assert.match(stdout, /No planned address of app01 is one of this machine/)
  assert.deepEqual(
    means.asked.filter(({ port }) => port !== 443).map(({ address, transport }) => `${address} ${transport}`),
    ['0.0.0.0 tcp', ':: tcp', '127.0.0.1 udp', '192.0.2.9 udp'],
  )
})

test('addresses and ports that are asked for are the ones that answer', async () => {
  const means = meansOf()
  await ran({ address: ['127.0.0.1'], port: [{ first: 8443, last: 8443 }] }, means)
  assert.deepEqual(means.asked, [{ address: '127.0.0.1', port: 8443, transport: 'tcp' }])
})

test('what cannot be is refused with what can', async () => {
  assert.match(await refusal({ as: 'app1' }), /^--as: .*app1.*app01/)
  assert.match(await refusal({ as: 'lonely' }), /no planned flow comes to lonely from elsewhere/)
  const lonely = meansOf(undefined, { machine: { addresses: [], names: ['lonely'] } })
  assert.match(await refusal({}, lonely), /comes to lonely \(this machine; --as names another host\) from elsewhere/)
  assert.match(await refusal({ port: [{ first: 25, last: 25 }] }), /^--port: no planned flow comes to 25 of app01/)
  const nowhere = meansOf(undefined, { machine: { addresses: ['192.0.2.1'], names: [] } })
  assert.match(await refusal({}, nowhere), /give one with --as: near, app01, lonely/)
})

test('stopped before its time it still reports, and says so by its exit code', async () => {
  const { shell, written } = caughtShell(cwd, { signal: AbortSignal.abort() })
  const code = await runListen({ ...options, seconds: 600, json: true }, shell, meansOf())
  assert.equal(code, exitCodes.interrupted)
  assert.equal(JSON.parse(written.stdout).kind, 'listen')
})
