import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AuditedFlow } from '../audited.ts'
import { noKnowledge } from '../judge.ts'
import type { JudgedPathPart, PathStep } from '../judged.ts'
import { forbiddenFlowOpen } from './forbiddenFlowOpen.ts'

const step = (rule: string, line: number, parts: Partial<PathStep> = {}): PathStep => ({
  device: 'edge',
  ruleSet: 'edge',
  stage: 'forward',
  rule,
  does: 'allows',
  span: { file: 'edge.nft', line, text: rule },
  ...parts,
})

const part = (verdict: JudgedPathPart['verdict'], ...decidedBy: readonly PathStep[]): JudgedPathPart => ({
  verdict,
  family: 4,
  source: [],
  destination: [],
  protocol: 6,
  ports: [],
  decidedBy,
  dependsOn: [],
})

const flow = (id: string, parts: readonly JudgedPathPart[], expect: 'open' | 'closed' = 'closed'): AuditedFlow => ({
  id,
  expect,
  necessity: 'not-required',
  title: `tcp/22 ${id}`,
  asked: { source: [], transport: 'tcp', ports: [], request: 'connect' },
  devices: [],
  judged: { verdict: 'deny', parts },
})

const found = (...flows: readonly AuditedFlow[]) => forbiddenFlowOpen({ devices: [], flows, knowledge: noKnowledge })

test('a flow of which any part passes is open, at the rule that lets it pass and not at the one for its answer', () => {
  const [finding, ...others] = found(
    flow('no-ssh', [
      part('drop', step('policy', 1, { does: 'drops' })),
      part('allow', step('rule 4', 7), step('rule 1', 4, { answer: true })),
    ]),
  )
  assert.deepEqual(others, [])
  assert.equal(finding?.what, 'rule 4 of edge lets tcp/22 no-ssh pass, which must be closed')
  assert.deepEqual(finding?.where, { file: 'edge.nft', line: 7, flow: 'no-ssh' })
})

test('one rule that opens several is one finding with all of them', () => {
  const open = [part('allow', step('rule 4', 7))]
  const [finding, ...others] = found(flow('a', open), flow('b', open), flow('c', [part('allow', step('rule 5', 8))]))
  assert.equal(others.length, 1)
  assert.match(finding?.what ?? '', /lets tcp\/22 a and 1 more that must be closed pass/)
  assert.deepEqual(finding?.flows, ['a', 'b'])
})

test('what is closed, what may be open and what is to be open are no findings', () => {
  assert.deepEqual(
    found(
      flow('a', [part('drop', step('policy', 1, { does: 'drops' }))]),
      flow('b', [part('may', step('rule 4', 7, { does: 'may' }))]),
      flow('c', [part('allow', step('rule 4', 7))], 'open'),
    ),
    [],
  )
})
