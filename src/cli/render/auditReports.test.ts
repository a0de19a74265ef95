import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import fc from 'fast-check'
import { bareAudit, hostileAudit, sampleAudit } from '../../../test/auditReports.ts'
import { hostileTexts } from '../../../test/hostileTexts.ts'
import { auditReportSchema } from '../../config/auditSchema.ts'
import { auditVerdicts } from '../../model/auditReport.ts'
import { auditHtml } from './auditHtml.ts'
import { auditJunit } from './auditJunit.ts'
import { auditMarkdown } from './auditMarkdown.ts'
import { auditSarif } from './auditSarif.ts'
import { auditText } from './auditText.ts'
import { columnsOf } from './columns.ts'
import { auditFormats } from './index.ts'
import type { Page } from './page.ts'

const page: Page = { colour: false, width: 80, long: false, again: 'postern audit' }

test('the sample report is as its schema has it, with every verdict but two', () => {
  assert.deepEqual(auditReportSchema.parse(JSON.parse(JSON.stringify(sampleAudit))), sampleAudit)
  const shown = new Set(sampleAudit.flows.map(({ verdict }) => verdict))
  assert.deepEqual(
    auditVerdicts.filter((verdict) => !shown.has(verdict)),
    ['no-path', 'unknown-ref'],
  )
})

test('one rule that denies several flows is one block with all of them, the worst first, and the next step last', () => {
  const text = auditText(sampleAudit, page)
  const [first = ''] = text.split('\n')
  assert.match(first, /^hq: 6 flows do not pass as they must, 1 flow in doubt; 3 of /)
  assert.equal(text.match(/^deny +policy drop of edge, 3 flows$/gm)?.length, 1)
  assert.ok(text.indexOf('forbidden ') < text.indexOf('deny '))
  assert.match(text, /\n1,209 of 1,210 statements understood\n/)
  assert.match(text, /\nnext: [^\n]+(\n[^\n]+)*\n$/)
})

test('flows of one rule that differ only in the name whose addresses are not known are one block', () => {
  const [flow] = sampleAudit.flows.filter(({ verdict }) => verdict === 'may')
  assert.ok(flow)
  const of = (name: string) => ({
    ...flow,
    target: { ...flow.target, pattern: name },
    dependsOn: [{ kind: 'names', what: `the addresses of ${name}` }],
  })
  const text = auditText({ ...sampleAudit, flows: [of('a.example'), of('b.example')] }, page)
  assert.equal(text.match(/^may /gm)?.length, 1)
  assert.match(text, /^may +depends on the addresses of each name, 2 flows$/m)
})

test('a question of the command line has its way: device, rule, file and line, translation', () => {
  const text = auditText(sampleAudit, { ...page, width: 120 })
  const way = text.slice(text.indexOf('allow      10.1.0.10 > 203.0.113.5'))
  assert.match(
    way,
    /\* 10\.1\.0\.10\n +\| edge, through\n +\| +allows: rule 4, filter forward of inet edge \(edge\.nft:6\)\n/,
  )
  assert.match(way, /v 203\.0\.113\.5 port 443\/tcp: allow, as 198\.51\.100\.7; its TLS may be opened on the way/)
})

test('what is in doubt is headed by what it depends on, and its rule says what it has to do with it', () => {
  const [flow] = sampleAudit.flows.filter(({ verdict }) => verdict === 'may')
  assert.ok(flow)
  const heads = (report: Partial<typeof flow>): string => {
    const text = auditText({ ...sampleAudit, flows: [{ ...flow, ...report }] }, { ...page, width: Infinity })
    return (text.split('\n\n')[1] ?? '').split('\n').slice(0, 3).join('\n')
  }
  assert.match(
    heads({}),
    /^may +depends on the content of the tag AzureActiveDirectory, 1 flow\n +at AllowEntra of nsg01: nsg\.json:17, /,
  )
  const [step] = flow.decidedBy
  assert.ok(step)
  assert.match(heads({ decidedBy: [{ ...step, does: 'allows' }] }), /\n +else allowed by AllowEntra of nsg01: /)
  const many = ['a', 'b', 'c'].map((what) => ({ kind: 'other', what }))
  assert.match(heads({ dependsOn: many }), /^may +depends on 3 things, 1 flow\n +- a\n +- b$/)
})

test('what is well stands below its rule with its device and line, at any width', () => {
  for (const width of [60, 80, Infinity]) {
    assert.match(
      auditText(sampleAudit, { ...page, width }),
      /\nallow: 2 flows\n {2}rule 4 of edge \(edge\.nft:6\)\n {4}tcp\/443 /,
    )
  }
})

test('a way that is that of the flow before it is not drawn again, and no step of it twice', () => {
  const [flow] = sampleAudit.flows.filter(({ verdict }) => verdict === 'deny')
  assert.ok(flow)
  const other = { ...flow, target: { ...flow.target, port: 3269 } }
  const long = { ...page, long: true, width: Infinity }
  const same = auditText({ ...sampleAudit, flows: [flow, other] }, long)
  assert.equal(same.match(/\| +drops: /g)?.length, 1)
  assert.match(same, /tcp\/3269 .+\n +\| by the same way\n +x /)
  const [part] = flow.parts
  assert.ok(part)
  const twice = { ...part, decidedBy: [...part.decidedBy, ...part.decidedBy] }
  assert.equal(
    auditText({ ...sampleAudit, flows: [{ ...flow, parts: [twice] }] }, long).match(/\| +drops: /g)?.length,
    1,
  )
})

test('a finding that no line of a configuration shows is at its flow in the site file', () => {
  const [flow] = sampleAudit.flows
  assert.ok(flow)
  const unknown = {
    code: 'unknown-device',
    severity: 'high',
    what: 'w',
    why: 'y',
    next: 'n',
    flows: [flow.flow],
  } as const
  const report = { ...sampleAudit, findings: [{ ...unknown, where: { flow: flow.flow } }] }
  const placeOf = (one: unknown) => ({ file: 'hq.yaml', line: one === flow ? 7 : 1, column: 5 })
  const [found] = JSON.parse(auditSarif(report, { placeOf })).runs[0].results.filter(
    ({ ruleId }: { ruleId: string }) => ruleId === 'unknown-device',
  )
  assert.deepEqual(found.locations[0].physicalLocation.artifactLocation, { uri: 'hq.yaml' })
  assert.equal(found.locations[0].physicalLocation.region.startLine, 7)
})

test('one flow that is closed is one', () => {
  const closed = sampleAudit.flows
    .filter(({ verdict }) => verdict === 'deny')
    .map((one) => ({ ...one, expect: 'closed' as const }))
  const words = (count: number): string => auditText({ ...sampleAudit, flows: closed.slice(0, count) }, page)
  assert.match(words(1), /\n1 closed as it must be/)
  assert.match(words(2), /\n2 closed as they must be/)
})

test('an address that the device takes as it goes out is said, and not called any', () => {
  const [flow] = sampleAudit.flows.filter(({ source }) => source === 'the command line')
  const [part] = flow?.parts ?? []
  assert.ok(flow && part)
  const masked = { ...flow, parts: [{ ...part, to: { sources: ['any'] } }] }
  assert.match(
    auditText({ ...sampleAudit, flows: [masked] }, { ...page, width: Infinity }),
    /as an address of the device that its files do not have/,
  )
})

test('an audit of which nothing was asked says what was found, what was understood, and how to ask', () => {
  const text = auditText(bareAudit, page)
  assert.match(text, /^files of the command line: no flow was asked; 1 finding\n/)
  assert.match(text, /statements understood/)
  assert.match(text, /next: ask for a flow: postern audit --flow /)
})

test('text keeps to the width of its page, and nothing in it acts on a terminal, whatever a configuration says', () => {
  const dangerous = /[\p{Cf}\p{Cs}\u2028\u2029]|(?!\n)\p{Cc}/u
  for (const hostile of hostileTexts) {
    const report = hostileAudit(hostile)
    for (const width of [40, 80, 132]) {
      for (const long of [false, true]) {
        const text = auditText(report, { ...page, width, long })
        assert.doesNotMatch(text, dangerous)
        for (const line of text.split('\n'))
          assert.ok(columnsOf(line) <= width, `${columnsOf(line)} of ${width}: ${line}`)
        assert.doesNotMatch(text, / $/m)
      }
    }
    for (const text of [auditHtml(report), auditMarkdown(report), auditJunit(report), auditSarif(report)]) {
      assert.doesNotMatch(text, dangerous)
    }
  }
})

test('HTML holds no element that the page itself did not make', () => {
  const tags = (text: string) => new Set([...text.matchAll(/<\/?([a-z!][\w-]*)/gi)].map(([, tag]) => tag))
  const known = tags(auditHtml(sampleAudit))
  for (const hostile of hostileTexts) {
    const markup = auditHtml(hostileAudit(hostile))
    assert.deepEqual(
      [...tags(markup)].filter((tag) => !known.has(tag)),
      [],
    )
    assert.doesNotMatch(markup.replaceAll(/"[^"]*"/g, '""'), /<[^>]*\son\w+=/i)
  }
})

test('Markdown lets no markup of a configuration through', () => {
  for (const hostile of hostileTexts) {
    const text = auditMarkdown(hostileAudit(hostile))
    const prose = text
      .replaceAll(/`[^`\n]*`/g, 'code')
      .replaceAll(/\\./g, '')
      .replaceAll(/<\/?(details|summary)>/g, '')
      .replaceAll(/\*\*[A-Za-z\d: -]+\*\*/g, 'strong')
    assert.doesNotMatch(prose, /[<>[\]*_~]|https?:\/\/|www\./)
  }
})

interface Validator {
  (value: unknown): boolean
  readonly errors?: readonly object[] | null
}

test('an audit is a SARIF log as the published schema has it, at the lines of the rules', () => {
  const require = createRequire(import.meta.url)
  const Ajv: new (options: object) => { addMetaSchema(schema: unknown): void; compile(schema: unknown): Validator } =
    require('ajv')
  const ajv = new Ajv({ schemaId: 'id', meta: false, allErrors: true })
  ajv.addMetaSchema(require('ajv/lib/refs/json-schema-draft-04.json'))
  const validate = ajv.compile(require('@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json'))
  const reports = [sampleAudit, bareAudit, { ...sampleAudit, interrupted: true }, ...hostileTexts.map(hostileAudit)]
  for (const report of reports) {
    const log: unknown = JSON.parse(auditSarif(report, { placeOf: () => ({ file: 'hq.yaml', line: 3, column: 5 }) }))
    assert.ok(validate(log), JSON.stringify(validate.errors?.slice(0, 3), null, 2))
  }
  const { runs } = JSON.parse(auditSarif(sampleAudit))
  const denied = runs[0].results.filter((result: { ruleId: string }) => result.ruleId === 'flow-denied')
  assert.deepEqual(
    denied.map((result: { locations: { physicalLocation: object }[] }) => result.locations[0]?.physicalLocation),
    [
      { artifactLocation: { uri: 'edge.nft' }, region: { startLine: 4 } },
      { artifactLocation: { uri: 'edge.nft' }, region: { startLine: 12 } },
    ],
  )
})

test('JUnit counts as red what makes the exit code 1', () => {
  const text = auditJunit(sampleAudit)
  const [, tests, failures, errors] = /tests="(\d+)" failures="(\d+)" errors="(\d+)"/.exec(text) ?? []
  assert.deepEqual([tests, failures, errors].map(Number), [sampleAudit.flows.length + 2, 4, 1])
})

test('every format ends its text with a line break, however much of a report is missing', async () => {
  const some = fc.record({
    flows: fc.subarray([...sampleAudit.flows]),
    findings: fc.subarray([...sampleAudit.findings]),
    notJudged: fc.subarray([...sampleAudit.notJudged]),
  })
  for (const { load } of Object.values(auditFormats)) {
    const render = await load()
    fc.assert(
      fc.property(some, (parts) => render({ ...sampleAudit, ...parts }, page).endsWith('\n')),
      { numRuns: 40 },
    )
  }
})
