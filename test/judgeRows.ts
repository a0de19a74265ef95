import assert from 'node:assert/strict'
import { test } from 'node:test'
import { judge, noKnowledge } from '../src/firewall/judge.ts'
import type { AskedFlow, Judged, Knowledge, Passage } from '../src/firewall/judged.ts'
import type { Place, Route, RuleSet, Stage } from '../src/firewall/ruleset.ts'
import type { Unknown } from '../src/firewall/unknown.ts'
import type { RuleText } from './ruleSetOf.ts'
import { askedOf, ports, rangeOf, rangesOf, ruleSetOf, stageOf, tcp } from './ruleSetOf.ts'

/** A question to a rule set, and the answer that is right. */
export interface JudgeRow {
  readonly says: string
  readonly main: Readonly<Record<string, RuleText>>
  readonly chains?: Readonly<Record<string, Readonly<Record<string, RuleText>>>>
  readonly rest?: Partial<Omit<RuleSet, 'chains'>>
  readonly flow?: string
  readonly asked?: Partial<AskedFlow>
  readonly passage?: Passage
  readonly knowledge?: Knowledge
  readonly expect: Judged['verdict']
  readonly denial?: Judged['denial']
  /** Names of the rules that decided, of every part, in the order of the parts. */
  readonly by?: string
  readonly dependsOn?: string
}

/** What is asked where a row says nothing else. */
export const flow = '10.1.0.10 > 20.190.128.1:443/tcp'

export const limit: Unknown = { kind: 'limit', what: 'the rate' }
export const web = { protocols: tcp, destinationPorts: ports(443) }

/** Places of one device, and its route to everywhere. */
export const lan: Place = { name: 'lan', kind: 'interface', zones: ['inside'], networks: rangesOf('10.0.0.0/8') }
export const dmz: Place = { name: 'dmz', kind: 'interface', zones: ['middle'], networks: rangesOf('10.9.0.0/16') }
export const wan: Place = { name: 'wan', kind: 'interface', zones: ['outside'], own: rangesOf('203.0.113.10') }
export const byDefault: Route = {
  ...{ to: rangeOf('0.0.0.0/0'), out: 'wan', kind: 'unicast' },
  span: { file: 'routes', line: 1, text: 'route' },
}

/** Stages of a device that translates: destinations before its filters, sources behind them. */
export const natted: readonly Stage[] = [
  stageOf({ hook: 'prerouting', kind: 'destination-nat', chain: 'dnat', otherwise: { action: 'allow', name: 'none' } }),
  stageOf(),
  stageOf({ hook: 'input', chain: 'in', otherwise: { action: 'reject', name: 'input policy' } }),
  stageOf({ hook: 'postrouting', kind: 'source-nat', chain: 'snat', otherwise: { action: 'allow', name: 'none' } }),
]

/** Declares one test for each row. */
export function judgeRows(rows: readonly JudgeRow[]): void {
  for (const row of rows) {
    test(row.says, () => {
      const ruleSet = ruleSetOf({ dnat: {}, snat: {}, in: {}, main: row.main, ...row.chains }, row.rest)
      const asked = askedOf(row.flow ?? flow, row.asked)
      const judged = judge(ruleSet, asked, row.passage ?? 'forward', row.knowledge ?? noKnowledge)
      assert.equal(
        judged.verdict,
        row.expect,
        JSON.stringify(judged, (_, value) => (typeof value === 'bigint' ? `${value}` : value), 1),
      )
      if (row.denial !== undefined) assert.equal(judged.denial, row.denial)
      if (row.by !== undefined) {
        assert.equal(
          judged.parts.map(({ decidedBy }) => decidedBy.map(({ rule }) => rule).join(' ')).join(' | '),
          row.by,
        )
      }
      if (row.dependsOn !== undefined) {
        const reasons = new Set(judged.parts.flatMap(({ dependsOn }) => dependsOn.map(({ what }) => what)))
        assert.equal([...reasons].join(' | '), row.dependsOn)
      }
    })
  }
}
