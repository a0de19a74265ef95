import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Alteration, Fault, Lab } from '../src/lab/index.ts'
import { faults, oddities, openLab } from '../src/lab/index.ts'
import type { CheckReport } from '../src/model/report.ts'
import { checkLab } from './checkLab.ts'
import { assertAccusesNobody, assertTells, lacking, wasLate } from './faultTold.ts'

let lab: Lab
before(async () => {
  lab = await openLab()
})
after(() => lab.close())

async function checked(
  t: { readonly signal: AbortSignal },
  from?: string,
  asks?: Alteration['asks'],
): Promise<CheckReport> {
  const posture = asks === 'posture'
  return checkLab(lab, { signal: t.signal, timeoutMs: 3000, posture, ...(from !== undefined && { from }) })
}

/**
 * The report of a check, and of another one where a check that was late does not tell the fault: a machine without time
 * for it is no network that is to be judged. What three checks do not tell is told by none.
 */
async function undisturbed(look: () => Promise<CheckReport>, fault: Fault): Promise<CheckReport> {
  let report = await look()
  for (let again = 0; again < 2 && wasLate(report) && !tells(report, fault); again += 1) report = await look()
  return report
}

function tells(report: CheckReport, fault: Fault): boolean {
  try {
    assertTells(report, fault)
    return true
  } catch (error) {
    if (error instanceof assert.AssertionError) return false
    throw error
  }
}

test('the healthy network gives no finding: everything that is asked is open, or closed as it must be', async (t) => {
  const report = await checked(t)
  assertAccusesNobody(report)
  assert.ok(report.summary.open >= 25, `only ${report.summary.open} flows were open`)
  assert.equal(report.summary.closed, 2)
  assert.equal(report.interrupted, false)
})

test('the healthy network is healthy through the proxy too, and everything that goes out is asked through it', async (t) => {
  const report = await checked(t, 'conn02')
  assertAccusesNobody(report)
  const out = report.flows.filter(({ direction, verdict }) => direction === 'outbound-internet' && verdict === 'open')
  assert.ok(out.length >= 10, `only ${out.length} flows went out`)
  assert.ok(out.every(({ via, says }) => via === 'egress' && says.includes('through the proxy egress')))
  const asked = out.flatMap(({ evidence }) => evidence.filter(({ kind }) => kind === 'revocation-check'))
  assert.ok(asked.length >= 10, `the state of only ${asked.length} certificates was asked for`)
  assert.ok(asked.every((seen) => 'through' in seen && seen.through === 'egress' && seen.outcome === 'good'))
})

test('the healthy network is healthy for a machine of the office, which is asked for its certificate', async (t) => {
  const report = await checked(t, 'desk01')
  assertAccusesNobody(report)
  const asked = report.flows.filter(({ learnt }) => learnt['clientCertificateRequested'] === true)
  assert.deepEqual(
    asked.map(({ flow }) => flow),
    ['lab-smart-card'],
  )
})

test('the healthy network is healthy when it is asked for its posture as well, and the posture is learnt', async (t) => {
  const report = await checked(t, undefined, 'posture')
  assertAccusesNobody(report)
  const app = report.flows.find(({ flow }) => flow === 'lab-app')
  assert.deepEqual(app?.learnt['tlsVersionsTaken'], ['TLSv1.2', 'TLSv1.3'])
  assert.deepEqual(app?.learnt['tlsVersionsRefused'], ['TLSv1', 'TLSv1.1'])
  assert.equal(app?.learnt['longHello'], 'answered')
})

for (const fault of faults) {
  test(`${fault.id}: ${fault.breaks}`, async (t) => {
    const lack = lacking(fault)
    if (lack !== undefined) return t.skip(lack)
    await lab.inject(fault.id)
    const report = await undisturbed(() => checked(t, fault.expect.from, fault.asks), fault)
    await lab.heal()
    assertTells(report, fault)
  })
}

for (const odd of oddities) {
  test(`${odd.id} accuses nobody: ${odd.breaks}`, async (t) => {
    const lack = lacking(odd)
    if (lack !== undefined) return t.skip(lack)
    await lab.inject(odd.id)
    const report = await checked(t, odd.from, odd.asks)
    await lab.heal()
    assertAccusesNobody(report, odd.finds)
  })
}

test('after every fault the network is as healthy as before', async (t) => {
  const report = await checked(t)
  assertAccusesNobody(report)
})
