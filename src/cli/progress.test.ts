import assert from 'node:assert/strict'
import { test } from 'node:test'
import { flowReportOf, samplePlan } from '../../test/reports.ts'
import { progressOn } from './progress.ts'
import type { Shell } from './shell.ts'

const [planned] = samplePlan.flows
assert.ok(planned)
const report = flowReportOf(planned)

/** What is said on stderr while these names fail for one reason. */
function saidOf(
  names: readonly string[],
  { terminal = true, quiet = false, holdsSec }: { terminal?: boolean; quiet?: boolean; holdsSec?: number } = {},
): string {
  let written = ''
  const output = {
    write: (text: string) => {
      written += text
    },
    isTerminal: terminal,
    columns: 80,
  }
  const shell: Shell = { stdout: output, stderr: output, env: {}, cwd: '/', signal: new AbortController().signal }
  const progress = progressOn(shell, quiet, holdsSec)
  progress.onEvent({ kind: 'stage', stage: 'questions', count: names.length })
  for (const [at, name] of names.entries()) {
    const flow = { ...report, target: { ...report.target, name } }
    // Words of one cause differ: another resolver, another remedy.
    const says = `${name} could not be resolved: 10.1.0.${at}:53 did not answer within ${3000 + at} ms`
    const cause = name.startsWith('closed') ? 'refused' : 'dns-tcp-blocked'
    const verdict = { ...flow, verdict: 'blocked', cause, says, alternatives: [], decidedBy: [], learnt: {} } as const
    progress.onEvent({ kind: 'settled', flow, verdict, done: at + 1, total: names.length })
  }
  progress.end()
  return written
}

test('a cause takes one line on a terminal, is counted while it grows, and in all at the end', () => {
  const said = saidOf(['a.example', 'b.example', 'closed.example', 'c.example'])
  const staying = said.split('\n').map((line) => line.split('\u001b[K').at(-1))
  assert.deepEqual(staying, [
    `blocked  ${report.flow}: a.example could not be resolved: 10.1.0.0:53 did not answer within 3000 ms`,
    `blocked  ${report.flow}: closed.example could not be resolved: 10.1.0.2:53 did not answer within 3002 ms`,
    'dns-tcp-blocked: 3 flows in all',
    '',
  ])
  assert.match(said, /settled 4 of 4, 3 dns-tcp-blocked, 1 refused/)
  assert.doesNotMatch(saidOf(['a.example']), /in all/)
})

test('a log has a line a stage and no more, and quiet means nothing', () => {
  assert.equal(saidOf(['a.example', 'b.example'], { terminal: false }), 'proving 2 flows\n')
  assert.equal(saidOf(['a.example'], { quiet: true }), '')
})

test('who has connections held is told for what he waits', () => {
  assert.equal(
    saidOf(['a.example'], { terminal: false, holdsSec: 300 }),
    'proving 1 flow, and holding connections to what is open for 300 s\n',
  )
})
