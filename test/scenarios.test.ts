import assert from 'node:assert/strict'
import { networkInterfaces } from 'node:os'
import { after, before, test } from 'node:test'
import type { Fault, Lab } from '../src/lab/index.ts'
import { faults, openLab } from '../src/lab/index.ts'
import type { CheckReport, FlowReport } from '../src/model/report.ts'
import { checkLab } from './checkLab.ts'

let lab: Lab
before(async () => {
  lab = await openLab()
})
after(() => lab.close())

/** Whether a flow came out as a network in order would have it: open, closed as it must be, or not asked for a stated reason. */
function isWell({ verdict, expect }: FlowReport): boolean {
  if (verdict === 'not-run' || verdict === 'not-required') return true
  return expect === 'closed' ? verdict === 'blocked' : verdict === 'open'
}

function isAbout(flow: FlowReport, row: { flow?: string; target?: string; transport?: string }): boolean {
  return (
    (row.flow === undefined || row.flow === flow.flow) &&
    (row.target === undefined || row.target === flow.target.name) &&
    (row.transport === undefined || row.transport === flow.target.transport)
  )
}

const doorOf = ({ target: { name, address, port, transport } }: FlowReport): string =>
  [name, address, port, transport].join(' ')

const told = ({ flow, target, verdict, cause, confidence, owner, says }: FlowReport): string =>
  `${flow} ${target.name ?? target.address} ${target.transport}: ${verdict} ${cause} ${confidence} ${owner}: ${says}`

async function checked(t: { readonly signal: AbortSignal }): Promise<CheckReport> {
  return checkLab(lab, { signal: t.signal, timeoutMs: 3000 })
}

/** Faults that this machine cannot play, with the reason: macOS has one loopback address, Windows no accept queue. */
function lacking({ needs }: Fault): string | undefined {
  if (needs === 'accept-queue' && process.platform === 'win32') return 'Windows refuses what does not fit the queue'
  const loopback = Object.values(networkInterfaces()).flat()
  if (
    needs === 'linux-loopback' &&
    process.platform !== 'linux' &&
    !loopback.some((each) => each?.address === '127.0.0.2')
  ) {
    return 'only 127.0.0.1 is set up on the loopback interface'
  }
  return undefined
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

    const { expect } = fault
    const named = report.flows.filter((flow) => isAbout(flow, expect))
    // Another row that leads to the same door asks the same question and gets the same answer.
    const doors = new Set(named.map(doorOf))
    const concerned = report.flows.filter((flow) => doors.has(doorOf(flow)))
    assert.ok(concerned.length > 0, `no flow is ${expect.flow} ${expect.target ?? ''}`)
    for (const flow of concerned) {
      const { verdict, cause, confidence, owner } = flow
      assert.deepEqual(
        { verdict, cause, confidence, owner },
        { verdict: expect.verdict, cause: expect.cause, confidence: expect.confidence, owner: expect.owner },
        told(flow),
      )
      assert.ok(flow.fix !== undefined || flow.nextProbe !== undefined, `${told(flow)}: neither fix nor next probe`)
      const ids = new Set(flow.evidence.map(({ id }) => id))
      assert.ok(flow.decidedBy.length > 0 && flow.decidedBy.every((id) => ids.has(id)), told(flow))
    }

    const accused = report.flows.filter(
      (flow) =>
        !isWell(flow) &&
        !concerned.includes(flow) &&
        !fault.consequences.some(
          (row) => isAbout(flow, row) && row.verdict === flow.verdict && row.cause === flow.cause,
        ),
    )
    assert.deepEqual(accused.map(told), [], 'nothing else may be accused')
    assert.ok(report.findings.some(({ code }) => code === expect.cause))
  })
}

test('after every fault the network is as healthy as before', async (t) => {
  const report = await checked(t)
  assert.deepEqual(report.flows.filter((flow) => !isWell(flow)).map(told), [])
})
