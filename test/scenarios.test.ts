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

async function checked(t: { readonly signal: AbortSignal }): Promise<CheckReport> {
  return checkLab(lab, { signal: t.signal, timeoutMs: 3000 })
}

test('the healthy network gives no finding: everything that is asked is open, or closed as it must be', async (t) => {
  const report = await checked(t)
  assert.deepEqual(report.findings, [])
  assert.deepEqual(report.flows.filter((flow) => !isWell(flow)).map(told), [])
  assert.ok(report.summary.open >= 25, `only ${report.summary.open} flows were open`)
  assert.equal(report.summary.closed, 2)
  assert.equal(report.interrupted, false)
})

for (const fault of faults) {
  test(`${fault.id}: ${fault.breaks}`, async (t) => {
    const lack = lacking(fault)
    if (lack !== undefined) return t.skip(lack)
    await lab.inject(fault.id)
    const report = await checked(t)
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
