import assert from 'node:assert/strict'
import { networkInterfaces } from 'node:os'
import type { Alteration, Fault } from '../src/lab/index.ts'
import { vantage } from '../src/lab/site.ts'
import { causesByLayer } from '../src/model/cause.ts'
import type { CheckReport, FlowReport } from '../src/model/report.ts'
import { anyOf, assertFix } from './fixes.ts'

/** Whether a flow came out as a network in order would have it: open, closed as it must be, or not asked for a stated reason. */
export function isWell({ verdict, expect }: FlowReport): boolean {
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

export const told = ({ flow, target, verdict, cause, confidence, owner, says }: FlowReport): string =>
  `${flow} ${target.name ?? target.address} ${target.transport}: ${verdict} ${cause} ${confidence} ${owner}: ${says}`

/** Whether a report says of a fault what its row demands, and accuses nothing else. */
export function assertTells(report: CheckReport, fault: Fault): void {
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
    assert.ok(flow.says.includes(expect.says ?? ''), told(flow))
    assertFix(flow, { ...onLoopback, here: anyOf(expect.from ?? vantage) })
    const ids = new Set(flow.evidence.map(({ id }) => id))
    assert.ok(flow.decidedBy.length > 0 && flow.decidedBy.every((id) => ids.has(id)), told(flow))
  }

  const accused = report.flows.filter(
    (flow) =>
      !isWell(flow) &&
      !concerned.includes(flow) &&
      !fault.consequences.some((row) => isAbout(flow, row) && row.verdict === flow.verdict && row.cause === flow.cause),
  )
  assert.deepEqual(accused.map(told), [], 'nothing else may be accused')
  assert.ok(report.findings.some(({ code }) => code === expect.cause))
  // One thing to mend is one finding, however many flows meet it. What no connection gets to is mended door by door.
  for (const [code, same] of Map.groupBy(report.findings, ({ code: each }) => each)) {
    if (ofDoors.has(code)) continue
    const where = same.map(({ where: { target } }) => target)
    assert.equal(where.length, 1, `${code} is one finding each for ${where.join(' | ')}`)
  }
}

/** A process that was kept from looking for so long measures itself, in milliseconds. */
const disturbingMs = 250

/**
 * Whether a check says of itself that it was late. What it judges then is less sure by right: a silence of three seconds is
 * little where its own neighbours took one to be looked at.
 */
export function wasLate({ flows }: CheckReport): boolean {
  return flows.some(({ evidence }) => evidence.some(({ ownLagMs = 0 }) => ownLagMs >= disturbingMs))
}

/** Everything stands on this machine, at ports that are chosen anew each time. */
const onLoopback = {
  from: '127\\.0\\.0\\.1',
  resolver: '127\\.0\\.0\\.\\d+:\\d+',
  proxy: '127\\.0\\.0\\.1:\\d+',
} as const

/** Whether a report accuses nobody, and finds what is to be mended all the same, and nothing else. */
export function assertAccusesNobody(report: CheckReport, finds: readonly string[] = []): void {
  assert.deepEqual(report.flows.filter((flow) => !isWell(flow)).map(told), [])
  assert.deepEqual(
    report.findings.map(({ code }) => code),
    finds,
  )
}

const ofDoors: ReadonlySet<string> = new Set(causesByLayer.transport)

/** Faults that this machine cannot play, with the reason: macOS has one loopback address, Windows no accept queue. */
export function lacking({ needs }: Alteration): string | undefined {
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
