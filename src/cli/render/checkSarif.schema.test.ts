import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import fc from 'fast-check'
import { anyCheckReport } from '../../../test/anyReport.ts'
import { hostileTexts } from '../../../test/hostileTexts.ts'
import { poisoned } from '../../../test/poisoned.ts'
import { checkReportOf, largeCheck, sampleCheck } from '../../../test/reports.ts'
import { checkReportSchema } from '../../config/reportSchema.ts'
import type { CheckReport } from '../../model/report.ts'
import { checkSarif } from './checkSarif.ts'

interface Validator {
  (value: unknown): boolean
  readonly errors?: readonly object[] | null
}

interface Compiler {
  addMetaSchema(schema: unknown): void
  compile(schema: unknown): Validator
}

/** The schema that OASIS publishes with SARIF 2.1.0, as Microsoft's SDK carries it: draft 4, which needs Ajv 6. */
function validator(): Validator {
  const require = createRequire(import.meta.url)
  const Ajv: new (options: object) => Compiler = require('ajv')
  const ajv = new Ajv({ schemaId: 'id', meta: false, allErrors: true })
  ajv.addMetaSchema(require('ajv/lib/refs/json-schema-draft-04.json'))
  return ajv.compile(require('@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json'))
}

function holds(validate: Validator, report: CheckReport): void {
  for (const page of [{}, { placeOf: () => ({ file: 'sites/head office.yaml', line: 3, column: 5 }) }]) {
    const valid = validate(JSON.parse(checkSarif(report, page)))
    assert.ok(valid, JSON.stringify(validate.errors?.slice(0, 3), null, 2))
  }
}

test('the schema refuses what is no SARIF log', () => {
  const validate = validator()
  assert.equal(validate({ version: '2.1.0', runs: [{ tool: {} }] }), false)
  const log: { runs: { results: { level: string }[] }[] } = JSON.parse(checkSarif(sampleCheck))
  const [result] = log.runs[0]?.results ?? []
  assert.ok(result)
  result.level = 'grave'
  assert.equal(validate(log), false)
})

test('a check is a SARIF log as the published schema has it, whatever is in it', () => {
  const validate = validator()
  for (const report of [sampleCheck, checkReportOf([]), largeCheck(300), { ...sampleCheck, interrupted: true }]) {
    holds(validate, report)
  }
  for (const hostile of hostileTexts) holds(validate, checkReportSchema.parse(poisoned(sampleCheck, hostile)))
  fc.assert(fc.property(anyCheckReport, (report) => holds(validate, report)))
})
