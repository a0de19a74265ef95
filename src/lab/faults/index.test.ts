import assert from 'node:assert/strict'
import { test } from 'node:test'
import { causeRows } from '../../diagnose/causes.ts'
import { planFlows } from '../../plan/planFlows.ts'
import type { Alteration, Fault } from '../fault.ts'
import { labSite, vantage } from '../site.ts'
import { faults, oddities } from './index.ts'

const rows: readonly Fault[] = faults
const ports = {
  cloud: 20_001,
  web: 20_002,
  app: 20_003,
  closed: 20_004,
  nowhere: 20_010,
  internalDns: 20_005,
  controlDns: 20_006,
  proxy: 20_007,
  time: 20_008,
  live: 20_009,
  secondDns: 20_011,
  directory: 20_012,
  farm: 20_013,
}
const flows = planFlows(labSite(ports, 'lab-root.pem'))

test('every fault and oddity has an id of its own and says in a sentence what is broken', () => {
  const all: readonly Alteration[] = [...faults, ...oddities]
  assert.equal(new Set(all.map(({ id }) => id)).size, all.length)
  for (const { id, title, breaks } of all) {
    assert.match(id, /^[a-z]+(-[a-z]+)*$/)
    assert.match(breaks, /^[A-Z].*\.$/, id)
    assert.ok(title.length < 50, id)
  }
})

test('every fault expects the verdict that its cause has', () => {
  for (const { id, expect, consequences } of rows) {
    for (const { verdict, cause } of [expect, ...consequences]) {
      // What clients do without hurts them, and does not stop them.
      const isLessened = verdict === 'degraded' && cause === 'srv-incomplete'
      if (!isLessened) assert.equal(verdict, causeRows[cause].verdict, `${id}: ${cause}`)
    }
  }
})

test('every flow that a fault speaks of is one that the machine which looks dials', () => {
  for (const { id, expect, consequences } of rows) {
    for (const { flow, target, transport } of [expect, ...consequences]) {
      const found = flows.filter(
        (planned) =>
          planned.from === (expect.from ?? vantage) &&
          (flow === undefined || planned.flow === flow) &&
          (target === undefined || planned.target.name === target) &&
          (transport === undefined || planned.target.transport === transport) &&
          planned.target.undialled === undefined,
      )
      assert.ok(found.length > 0, `${id}: ${flow} ${target ?? ''}`)
    }
  }
})
