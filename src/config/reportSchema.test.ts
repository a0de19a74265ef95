import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { sampleDoctor } from '../../test/doctorReports.ts'
import { sampleCheck, sampleCheckBefore, samplePlan } from '../../test/reports.ts'
import { compareReports } from '../check/compare.ts'
import { doctorReportJsonSchema } from './doctorSchema.ts'
import { checkReportJsonSchema, compareReportJsonSchema, planReportJsonSchema } from './reportSchema.ts'

/** The one key that may be left out is not held to be needed. */
const { site: _, ...doctorWithoutSite } = sampleDoctor

for (const [kind, schema, report] of [
  ['check', checkReportJsonSchema(), sampleCheck],
  ['plan', planReportJsonSchema(), samplePlan],
  ['compare', compareReportJsonSchema(), compareReports(sampleCheckBefore, sampleCheck, '0.1.0')],
  ['doctor', doctorReportJsonSchema(), doctorWithoutSite],
] as const) {
  test(`the JSON Schema of the ${kind} report stands alone and says what it is`, () => {
    assert.equal(schema.$schema, 'https://json-schema.org/draft/2020-12/schema')
    assert.equal(schema.title, `Postern ${kind} report`)
    assert.deepEqual(schema.properties?.['kind'], { type: 'string', const: kind })
    const defined = Object.keys(schema.$defs ?? {})
    const text = JSON.stringify(schema)
    for (const [, name] of text.matchAll(/"\$ref":"#\/\$defs\/(\w+)"/g)) assert.ok(defined.includes(name ?? ''))
    assert.doesNotMatch(text, /__schema|9007199254740991/)
  })

  test(`the JSON Schema of the ${kind} report takes the sample, and refuses it without any one of its keys`, () => {
    // What is published is held to a file, not the schema that it was made of.
    const published = z.fromJSONSchema(JSON.parse(JSON.stringify(schema)))
    const written: unknown = JSON.parse(JSON.stringify(report))
    assert.ok(published.safeParse(written).success)
    for (const key of Object.keys(report)) {
      assert.equal(published.safeParse({ ...report, [key]: undefined }).success, false, key)
    }
  })
}
