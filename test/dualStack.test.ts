/** Checks by a machine that has both address families, wired as the command wires them. */
import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import type { Machine } from '../src/check/vantageOf.ts'
import { runCheck } from '../src/cli/runCheck.ts'
import { openLab } from '../src/lab/index.ts'
import type { CheckReport } from '../src/model/report.ts'
import { checkLab, silentShell } from './checkLab.ts'
import { assertAccusesNobody } from './faultTold.ts'
import { opened } from './opened.ts'

const dualStack: Machine = { addresses: ['127.0.0.1', '192.0.2.10', '::1', '2001:db8::10'], names: [] }

test('the small network has no IPv6, and a machine that has it accuses nobody of that', async (t) => {
  await using lab = await openLab()
  const report = await checkLab(lab, { signal: t.signal, timeoutMs: 3000, machine: dualStack })
  assertAccusesNobody(report)
  const types = new Set(report.flows.flatMap(({ evidence }) => evidence.map((seen) => 'type' in seen && seen.type)))
  assert.ok(types.has('A') && types.has('AAAA'), 'both families were asked for')
})

/** Leaves the test out on a machine without the IPv6 loopback address. */
function lacksLoopback6(t: TestContext): boolean {
  const has = Object.values(networkInterfaces()).some((list) => list?.some(({ address }) => address === '::1'))
  if (!has) t.skip('this machine has no ::1')
  return !has
}

/** A check of one service on one port by a host that has both loopback addresses. */
async function checkPort(t: TestContext, port: number): Promise<CheckReport> {
  const folder = await mkdtemp(join(tmpdir(), 'postern-dual-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  const site = join(folder, 'postern.yaml')
  await writeFile(
    site,
    `site: dual
hosts:
  here: { roles: [domain-member], addresses: ["127.0.0.1", "::1"] }
  app: { roles: [published-app], addresses: ["127.0.0.1", "::1"] }
flows:
  - { id: app, from: here, to: app, ports: [${port}], transport: [tcp], service: tcp }
`,
  )
  const options = { site, from: 'here', flow: ['app'], timeout: 3000, budget: 60, concurrency: 8, machine: dualStack }
  return runCheck([], options, silentShell(t.signal), () => {})
}

const byAddress = ({ flows }: CheckReport) =>
  Object.fromEntries(flows.map(({ target, verdict, cause }) => [target.address, [verdict, cause]]))

async function listen(t: TestContext, address: string, port = 0): Promise<number> {
  const server = createServer((socket) => socket.on('error', () => {}).resume())
  return opened(t, server, { host: address, port, ipv6Only: address.includes(':') })
}

test('a service on both families is open on each, by an attempt of its own', async (t) => {
  if (lacksLoopback6(t)) return
  const port = await listen(t, '::1')
  await listen(t, '127.0.0.1', port)
  const report = await checkPort(t, port)
  assert.deepEqual(byAddress(report), { '127.0.0.1': ['open', undefined], '::1': ['open', undefined] })
})

for (const [bound, other] of [
  ['::1', '127.0.0.1'],
  ['127.0.0.1', '::1'],
] as const) {
  test(`a service that listens on ${bound} alone is refused on ${other}, and the one does not hide the other`, async (t) => {
    if (lacksLoopback6(t)) return
    const report = await checkPort(t, await listen(t, bound))
    const seen = byAddress(report)
    assert.deepEqual(seen[bound], ['open', undefined])
    assert.equal(seen[other]?.[0], 'blocked')
    assert.match(seen[other]?.[1] ?? '', /^refused/)
  })
}
