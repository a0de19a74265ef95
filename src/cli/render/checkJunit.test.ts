import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { anyCheckReport } from '../../../test/anyReport.ts'
import { checkReportOf, flowReportOf, sampleCheck } from '../../../test/reports.ts'
import type { CheckReport, FlowReport } from '../../model/report.ts'
import { checkJunit } from './checkJunit.ts'

interface Element {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: Element[]
}

/** Reads the XML that these reports are made of, and refuses all other; written apart from what is tested. */
function parseXml(text: string): Element {
  const declaration = '<?xml version="1.0" encoding="UTF-8"?>\n'
  assert.ok(text.startsWith(declaration))
  // Characters that XML 1.0 §2.2 lets a document have.
  assert.match(text, /^[\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u)
  const root: Element = { name: '', attributes: {}, children: [] }
  const open = [root]
  const part =
    /<(\/?)([a-z-]+)((?: [a-z]+="(?:[^"<&]|&(?:amp|lt|gt|quot|#39);)*")*)(\/?)>|((?:[^<&]|&(?:amp|lt|gt|quot|#39);)+)/gy
  part.lastIndex = declaration.length
  while (part.lastIndex < text.length) {
    const at = part.lastIndex
    const [, closing, name, attributes = '', empty, characters] =
      part.exec(text) ?? assert.fail(`not XML at ${at}: ${text.slice(at, at + 80)}`)
    if (characters !== undefined) continue
    if (closing === '/') {
      assert.equal(open.pop()?.name, name)
      continue
    }
    const pairs = [...attributes.matchAll(/([a-z]+)="([^"]*)"/g)].map(
      ([, key = '', value = '']) => [key, value] as const,
    )
    const element: Element = { name: name ?? '', attributes: Object.fromEntries(pairs), children: [] }
    assert.equal(Object.keys(element.attributes).length, pairs.length, 'an attribute is there twice')
    open.at(-1)?.children.push(element)
    if (empty !== '/') open.push(element)
  }
  assert.equal(open.length, 1)
  assert.equal(root.children.length, 1)
  return root.children[0] ?? root
}

/** What Jenkins' and Ant's schemas of these files agree on. */
const schema: Readonly<
  Record<
    string,
    { readonly needs: readonly string[]; readonly may: readonly string[]; readonly holds: readonly string[] }
  >
> = {
  testsuites: { needs: [], may: ['name', 'tests', 'failures', 'errors', 'skipped', 'time'], holds: ['testsuite'] },
  testsuite: {
    needs: ['name', 'tests', 'failures', 'errors'],
    may: ['skipped', 'time', 'timestamp', 'hostname'],
    holds: ['properties', 'testcase'],
  },
  properties: { needs: [], may: [], holds: ['property'] },
  property: { needs: ['name', 'value'], may: [], holds: [] },
  testcase: { needs: ['name', 'classname', 'time'], may: [], holds: ['skipped', 'failure', 'error', 'system-out'] },
  skipped: { needs: ['message'], may: [], holds: [] },
  failure: { needs: ['message', 'type'], may: [], holds: [] },
  error: { needs: ['message', 'type'], may: [], holds: [] },
  'system-out': { needs: [], may: [], holds: [] },
}

function validate(element: Element): void {
  const rule = schema[element.name] ?? assert.fail(`<${element.name}> is unknown`)
  for (const key of rule.needs) assert.ok(key in element.attributes, `<${element.name}> lacks ${key}`)
  for (const [key, value] of Object.entries(element.attributes)) {
    assert.ok([...rule.needs, ...rule.may].includes(key), `<${element.name}> has ${key}`)
    if (['tests', 'failures', 'errors', 'skipped'].includes(key)) assert.match(value, /^\d+$/)
    if (key === 'time') assert.match(value, /^\d+\.\d{3}$/)
    if (key === 'timestamp') assert.match(value, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/)
  }
  for (const child of element.children) {
    assert.ok(rule.holds.includes(child.name), `<${element.name}> holds <${child.name}>`)
    validate(child)
  }
  if (element.name === 'testcase') {
    assert.ok(element.children.filter(({ name }) => name !== 'system-out').length <= 1)
  }
  if (element.name === 'testsuite' || element.name === 'testsuites') {
    const cases = element.name === 'testsuite' ? casesOf(element) : element.children.flatMap(casesOf)
    const count = (name: string) => cases.filter(({ children }) => children.some((child) => child.name === name)).length
    const { tests, failures, errors, skipped } = element.attributes
    assert.deepEqual([tests, failures, errors, skipped].map(Number), [
      cases.length,
      count('failure'),
      count('error'),
      count('skipped'),
    ])
  }
}

function casesOf({ children }: Element): readonly Element[] {
  return children.filter(({ name }) => name === 'testcase')
}

function read(report: CheckReport): Element {
  const suites = parseXml(checkJunit(report))
  validate(suites)
  return suites
}

test('a check is JUnit XML as its readers know it: every flow a test, counts that add up', () => {
  const suites = read(sampleCheck)
  const cases = suites.children.flatMap(casesOf)
  assert.equal(cases.length, sampleCheck.flows.length + 1)
  assert.equal(
    new Set(cases.map(({ attributes }) => `${attributes['classname']} ${attributes['name']}`)).size,
    cases.length,
  )
})

test('any check is JUnit XML, whatever the network says', () => {
  fc.assert(fc.property(anyCheckReport, (report) => void read(report)))
})

const [one] = sampleCheck.flows
assert.ok(one)

const outcomes: readonly (readonly [what: string, parts: Partial<FlowReport>, outcome: string])[] = [
  ['an open flow', {}, 'passed'],
  ['a degraded flow', { verdict: 'degraded', cause: 'high-latency' }, 'passed'],
  ['a required flow that is blocked', { verdict: 'blocked', cause: 'refused' }, 'failure'],
  ['a required flow that is wrong', { verdict: 'wrong', cause: 'wrong-domain' }, 'failure'],
  ['a required flow that is unknown', { verdict: 'unknown' }, 'error'],
  ['a required flow that was not run', { verdict: 'not-run' }, 'skipped'],
  ['a flow that is not required', { verdict: 'not-required' }, 'skipped'],
  ['an optional flow that is blocked', { verdict: 'blocked', cause: 'refused', necessity: 'optional' }, 'skipped'],
  ['a flow that is closed as it must be', { verdict: 'blocked', expect: 'closed' }, 'passed'],
  ['a flow that is open and must be closed', { expect: 'closed', necessity: 'not-required' }, 'failure'],
]

for (const [what, parts, outcome] of outcomes) {
  test(`JUnit has ${what} as ${outcome}`, () => {
    const [flow] = read(checkReportOf([flowReportOf(one, parts)])).children.flatMap(casesOf)
    const result = flow?.children.find(({ name }) => name !== 'system-out')
    assert.equal(result?.name ?? 'passed', outcome)
    if (outcome === 'skipped') assert.match(result?.attributes['message'] ?? '', /: \S/)
  })
}

test('the name of a test holds in later runs, where a name has moved to another address', () => {
  const nameAt = (address: string) => {
    const flow = flowReportOf({ ...one, target: { ...one.target, address } })
    return read(checkReportOf([flow])).children.flatMap(casesOf)[0]?.attributes['name']
  }
  assert.equal(nameAt('10.0.0.1'), nameAt('10.0.0.2'))
})

test('two addresses of one name are two tests of two names', () => {
  const flows = ['10.0.0.1', '10.0.0.2'].map((address) => flowReportOf({ ...one, target: { ...one.target, address } }))
  const names = read(checkReportOf(flows))
    .children.flatMap(casesOf)
    .map(({ attributes }) => attributes['name'])
  assert.equal(new Set(names).size, 2)
})
