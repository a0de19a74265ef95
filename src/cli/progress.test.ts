import assert from 'node:assert/strict'
import { test } from 'node:test'
import { flowReportOf, samplePlan } from '../../test/reports.ts'
import { progressOn } from './progress.ts'
import type { Shell } from './shell.ts'

const [planned] = samplePlan.flows
assert.ok(planned)
const report = flowReportOf(planned)

/** What is said on stderr while these names fail for one reason. */
function saidOf(names: readonly string[], { terminal = true, quiet = false } = {}): string {
  let written = ''
  const output = {
    write: (text: string) => {
      written += text
    },
    isTerminal: terminal,
    columns: 80,
  }
  const shell: Shell = { stdout: output, stderr: output, env: {}, cwd: '/', signal: new AbortController().signal }
  const progress = progressOn(shell, quiet)
  progress.onEvent({ kind: 'stage', stage: 'questions', count: names.length })
  for (const [at, name] of names.entries()) {
    const flow = { ...report, target: { ...report.target, name } }
    const says = `${name} could not be resolved: 10.1.0.5:53 did not answer within ${3000 + at} ms`
    const verdict = { ...flow, verdict: 'blocked', says, alternatives: [], decidedBy: [], learnt: {} } as const
    progress.onEvent({ kind: 'settled', flow, verdict, done: at + 1, total: names.length })
  }
  progress.end()
  return written
}

test('failures that read alike take one line on a terminal, and are counted at the end', () => {
  const said = saidOf(['a.example', 'b.example', 'c.example'])
  assert.equal(said.match(/could not be resolved/g)?.length, 1)
  assert.match(said, /: and 2 flows more alike\n$/)
  assert.doesNotMatch(saidOf(['a.example']), /alike/)
})

test('a log has a line a stage and no more, and quiet means nothing', () => {
  assert.equal(saidOf(['a.example', 'b.example'], { terminal: false }), 'proving 2 flows\n')
  assert.equal(saidOf(['a.example'], { quiet: true }), '')
})
