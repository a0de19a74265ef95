import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Lab } from '../src/lab/index.ts'
import { faults, oddities, openLab } from '../src/lab/index.ts'
import type { CheckReport } from '../src/model/report.ts'
import { checkLab } from './checkLab.ts'
import { assertTells, isWell, lacking, told } from './faultTold.ts'

let lab: Lab
before(async () => {
  lab = await openLab()
})
after(() => lab.close())

async function checked(t: { readonly signal: AbortSignal }, from?: string): Promise<CheckReport> {
  return checkLab(lab, { signal: t.signal, timeoutMs: 3000, ...(from !== undefined && { from }) })
}

test('the healthy network gives no finding: everything that is asked is open, or closed as it must be', async (t) => {
  const report = await checked(t)
  assert.deepEqual(report.findings, [])
  assert.deepEqual(report.flows.filter((flow) => !isWell(flow)).map(told), [])
  assert.ok(report.summary.open >= 25, `only ${report.summary.open} flows were open`)
  assert.equal(report.summary.closed, 2)
  assert.equal(report.interrupted, false)
})

test('the healthy network is healthy through the proxy too, and everything that goes out is asked through it', async (t) => {
  const report = await checked(t, 'conn02')
  assert.deepEqual(report.findings, [])
  assert.deepEqual(report.flows.filter((flow) => !isWell(flow)).map(told), [])
  const out = report.flows.filter(({ direction, verdict }) => direction === 'outbound-internet' && verdict === 'open')
  assert.ok(out.length >= 10, `only ${out.length} flows went out`)
  assert.ok(out.every(({ via, says }) => via === 'egress' && says.includes('through the proxy egress')))
})

for (const fault of faults) {
  test(`${fault.id}: ${fault.breaks}`, async (t) => {
    const lack = lacking(fault)
    if (lack !== undefined) return t.skip(lack)
    await lab.inject(fault.id)
    const report = await checked(t, fault.expect.from)
    await lab.heal()
    assertTells(report, fault)
  })
}

for (const odd of oddities) {
  test(`${odd.id} accuses nobody: ${odd.breaks}`, async (t) => {
    const lack = lacking(odd)
    if (lack !== undefined) return t.skip(lack)
    await lab.inject(odd.id)
    const report = await checked(t)
    await lab.heal()
    assert.deepEqual(report.flows.filter((flow) => !isWell(flow)).map(told), [])
    assert.deepEqual(report.findings, [])
  })
}

test('after every fault the network is as healthy as before', async (t) => {
  const report = await checked(t)
  assert.deepEqual(report.flows.filter((flow) => !isWell(flow)).map(told), [])
})
