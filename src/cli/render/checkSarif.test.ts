import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { anyCheckReport } from '../../../test/anyReport.ts'
import { checkReportOf, flowReportOf, sampleCheck, samplePlan } from '../../../test/reports.ts'
import { findingRows } from '../../check/findingRows.ts'
import { causeCodes } from '../../model/cause.ts'
import type { Finding } from '../../model/finding.ts'
import type { CheckReport, FlowReport } from '../../model/report.ts'
import { checkSarif } from './checkSarif.ts'
import { explainReport } from './explainReport.ts'

interface Result {
  readonly ruleId: string
  readonly ruleIndex: number
  readonly kind: string
  readonly level: string
  readonly message: { readonly text: string }
  readonly locations?: readonly {
    readonly logicalLocations?: readonly { readonly index: number; readonly fullyQualifiedName: string }[]
    readonly physicalLocation?: {
      readonly artifactLocation: { readonly uri: string }
      readonly region?: { readonly startLine: number }
    }
  }[]
  readonly partialFingerprints: Readonly<Record<string, string>>
}

interface Run {
  readonly tool: {
    readonly driver: { readonly rules: readonly { readonly id: string; readonly help: { readonly text: string } }[] }
  }
  readonly invocations: readonly Readonly<Record<string, unknown>>[]
  readonly logicalLocations: readonly { readonly fullyQualifiedName: string; readonly parentIndex?: number }[]
  readonly results: readonly Result[]
}

function runOf(report: CheckReport): Run {
  const log: { readonly runs: readonly Run[] } = JSON.parse(checkSarif(report))
  const [run, ...others] = log.runs
  assert.ok(run)
  assert.equal(others.length, 0)
  return run
}

const [one] = sampleCheck.flows
assert.ok(one)
const resultOf = (parts: Partial<FlowReport>, findings: readonly Finding[] = []): Result => {
  const [result] = runOf(checkReportOf([flowReportOf(one, { ...parts })], { findings })).results
  assert.ok(result)
  return result
}

const kinds: readonly (readonly [
  what: string,
  parts: Partial<FlowReport>,
  kind: string,
  level: string,
  rule: string,
])[] = [
  ['a required flow that is blocked', { verdict: 'blocked', cause: 'refused' }, 'fail', 'error', 'refused'],
  ['a wrong answer', { verdict: 'wrong', cause: 'wrong-domain' }, 'fail', 'error', 'wrong-domain'],
  [
    'an optional flow that is blocked',
    { verdict: 'blocked', cause: 'refused', necessity: 'optional' },
    'fail',
    'warning',
    'refused',
  ],
  ['a degraded flow', { verdict: 'degraded', cause: 'high-latency' }, 'fail', 'warning', 'high-latency'],
  ['a flow that is unknown', { verdict: 'unknown' }, 'open', 'none', 'undetermined'],
  ['an open flow', {}, 'pass', 'none', 'flow-open'],
  [
    'a flow that is closed as it must be',
    { verdict: 'blocked', expect: 'closed', cause: 'refused' },
    'pass',
    'none',
    'flow-closed',
  ],
  ['a flow that is open and must be closed', { expect: 'closed' }, 'fail', 'error', 'forbidden-flow-open'],
  ['a required flow that was not run', { verdict: 'not-run' }, 'review', 'none', 'flow-open'],
  [
    'an optional flow that was not run',
    { verdict: 'not-run', necessity: 'optional' },
    'notApplicable',
    'none',
    'flow-open',
  ],
  ['a flow that is not required', { verdict: 'not-required' }, 'notApplicable', 'none', 'flow-open'],
]

for (const [what, parts, kind, level, rule] of kinds) {
  test(`SARIF has ${what} as ${kind} at ${level}`, () => {
    const result = resultOf(parts)
    assert.deepEqual([result.kind, result.level, result.ruleId], [kind, level, rule])
  })
}

const finding: Finding = {
  code: 'refused',
  severity: 'low',
  what: 'what',
  where: {},
  why: 'why',
  next: 'next',
  flows: [one.flow],
}

test('the severity of the finding that stands for a flow is its level', () => {
  assert.equal(resultOf({ verdict: 'blocked', cause: 'refused' }, [finding]).level, 'note')
  assert.equal(
    resultOf({ verdict: 'blocked', cause: 'refused' }, [{ ...finding, severity: 'critical' }]).level,
    'error',
  )
  assert.equal(resultOf({ verdict: 'blocked', cause: 'no-route' }, [finding]).level, 'error')
})

test('a finding that a flow stands for is one result; any other has its own', () => {
  const failing = flowReportOf(one, { verdict: 'blocked', cause: 'refused' })
  assert.equal(runOf(checkReportOf([failing], { findings: [finding] })).results.length, 1)
  assert.equal(runOf(checkReportOf([failing], { findings: [{ ...finding, flows: [] }] })).results.length, 2)
})

test('every result names a rule of the run, and its place by index and by name', () => {
  const run = runOf(sampleCheck)
  assert.equal(run.results.length, sampleCheck.flows.length + 1)
  for (const { ruleId, ruleIndex, locations } of run.results) {
    assert.equal(run.tool.driver.rules[ruleIndex]?.id, ruleId)
    for (const { index, fullyQualifiedName } of locations?.[0]?.logicalLocations ?? []) {
      const place = run.logicalLocations[index]
      assert.equal(place?.fullyQualifiedName, fullyQualifiedName)
      assert.match(fullyQualifiedName, /^[\w.*-]+:[\d*-]+\/(tcp|udp)$/)
      const host = run.logicalLocations[place?.parentIndex ?? -1]
      assert.ok(fullyQualifiedName.startsWith(`${host?.fullyQualifiedName}:`))
    }
  }
})

test('a fingerprint is the same in a later run, and where a name has moved to another address', () => {
  const flow = samplePlan.flows.find(({ target }) => target.name === 'adminwebservice.microsoftonline.com')
  assert.ok(flow)
  const at = (address: string) => {
    const target = { ...flow.target, address }
    const [result] = runOf(
      checkReportOf([flowReportOf({ ...flow, target })], { startedAt: new Date(0).toISOString() }),
    ).results
    return result?.partialFingerprints ?? {}
  }
  const [today, tomorrow] = [at('40.126.32.7'), at('40.126.32.8')]
  assert.equal(today['posternFlow/v1'], tomorrow['posternFlow/v1'])
  assert.notEqual(today['posternFlowAndAddress/v1'], tomorrow['posternFlowAndAddress/v1'])
  const all = runOf(sampleCheck).results.map(({ partialFingerprints }) => JSON.stringify(partialFingerprints))
  assert.equal(new Set(all).size, all.length)
})

test('an address without a name is part of what tells a flow from others', () => {
  const bare = (address: string) =>
    resultOf({ target: { address, port: 1, transport: 'tcp', service: 'tcp' } }).partialFingerprints['posternFlow/v1']
  assert.notEqual(bare('10.0.0.1'), bare('10.0.0.2'))
})

const files: readonly (readonly [file: string, line: number, uri: string])[] = [
  ['edge.nft', 41, 'edge.nft'],
  ['conf/a b.yaml', 1, 'conf/a%20b.yaml'],
  ['/etc/postern.yaml', 2, 'file:///etc/postern.yaml'],
  ['C:\\sites\\hq.yaml', 3, 'file:///C:/sites/hq.yaml'],
  ['a:b?#.yaml', 0, 'a%3Ab%3F%23.yaml'],
  ['\ud800.yaml', 4, '%EF%BF%BD.yaml'],
]

for (const [file, line, uri] of files) {
  test(`a finding in ${JSON.stringify(file)} is at ${uri}`, () => {
    const [, result] = runOf(
      checkReportOf([one], { findings: [{ ...finding, flows: [], where: { file, line } }] }),
    ).results
    const place = result?.locations?.[0]?.physicalLocation
    assert.equal(place?.artifactLocation.uri, uri)
    assert.equal(place?.region?.startLine, line > 0 ? line : undefined)
  })
}

test('the invocation says when it ran, how it ended, and that it was cut short', () => {
  const [whole] = runOf(sampleCheck).invocations
  assert.equal(whole?.['startTimeUtc'], '2026-11-21T09:03:12.000Z')
  assert.equal(whole?.['endTimeUtc'], '2026-11-21T09:03:18.012Z')
  assert.equal(whole?.['exitCode'], 1)
  assert.equal(whole?.['executionSuccessful'], true)
  const [cut] = runOf({ ...sampleCheck, interrupted: true }).invocations
  assert.equal(cut?.['executionSuccessful'], false)
  assert.ok(cut?.['toolExecutionNotifications'])
})

test('no message holds a placeholder or a link, whatever a name says', () => {
  fc.assert(
    fc.property(anyCheckReport, (report) => {
      for (const { message } of runOf(report).results) {
        const bare = message.text.replaceAll(/\{\{|\}\}|\\[[\]]/g, '')
        assert.doesNotMatch(bare, /[{}[\]]/)
      }
    }),
  )
})

test('what the help of any rule tells to explain is known', () => {
  const codes = [...causeCodes, ...Object.keys(findingRows), 'of-another-version']
  const findings = codes.map((code): Finding => ({ ...finding, code, flows: [] }))
  const { rules } = runOf({ ...sampleCheck, findings }).tool.driver
  const ids = new Set(rules.map(({ id }) => id))
  assert.ok(['flow-open', 'flow-closed', 'forbidden-flow-open', ...codes].every((id) => ids.has(id)))
  for (const { id, help } of rules) {
    for (const [, word = ''] of help.text.matchAll(/postern explain ([\w-]+)/g)) {
      assert.ok('ok' in explainReport(word, '0.1.0'), `${id} names ${word}`)
    }
  }
})

test('the message alone says what is wrong, what mends it, why, and whose turn it is', () => {
  const text = runOf(sampleCheck).results.find(({ ruleId }) => ruleId === 'filtered-silently')?.message.text ?? ''
  assert.match(text, /\nFix: [^\n]+\n(?:Next: [^\n]+\n)?Cause: filtered-silently; owner: firewall$/)
  const closed = runOf(sampleCheck).results.find(({ ruleId }) => ruleId === 'flow-closed')
  assert.match(closed?.message.text ?? '', / is closed, as it must be$/)
})
