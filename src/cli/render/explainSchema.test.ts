import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { caughtShell } from '../../../test/caughtShell.ts'
import { folkloreRows } from '../../catalog/index.ts'
import { findingRows } from '../../check/findingRows.ts'
import { explainReportJsonSchema, explainReportSchema } from '../../config/explainSchema.ts'
import { schemaOf } from '../../config/schemaOf.ts'
import { auditFindingRows } from '../../firewall/findingRows.ts'
import { explainTerm } from '../verbs/explainTerm.ts'
import type { ExplainReport } from './explainReport.ts'
import { explainReport } from './explainReport.ts'

// The compiler holds the schema to the type; its room may not name a type of the command line.
schemaOf<ExplainReport>()(explainReportSchema)

const published = z.fromJSONSchema(JSON.parse(JSON.stringify(explainReportJsonSchema())))

function reportFor(term: string): ExplainReport {
  const explained = explainReport(term, '0.1.0')
  assert.ok('ok' in explained, term)
  return explained.ok
}

function assertTaken(term: string, report = reportFor(term)): ExplainReport['parts'] {
  const read = published.safeParse(JSON.parse(JSON.stringify(report)))
  assert.ok(read.success, `${term}: ${read.error?.message}`)
  return report.parts
}

test('the published schema takes every kind of answer, and everything that the index lists', async () => {
  const [index] = assertTaken('')
  assert.equal(index?.kind, 'index')
  const { causes, tables, flows, features, facts, roles, lists, services, codes, verbs, words: ofReports } = index
  const words = [...flows, ...features, ...facts, ...roles, ...lists, ...services, ...codes, ...ofReports]
  const others = ['tcp/636', 'udp/5671', '808/1501', 'login.microsoftonline.com', 'AADSTS59999', 'ECONNREFUSED', 'tls']
  const terms = [
    ...Object.values(causes).flat(),
    ...Object.keys(findingRows),
    ...Object.keys(auditFindingRows),
    ...tables.map((table) => `table ${table}`),
    ...words,
    ...folkloreRows.flatMap(({ terms: [term = ''] }) => term),
    ...others,
  ]
  const { shell } = caughtShell('/')
  const ofCommands = await Promise.all(
    [...verbs, '--flow', '--capture'].map(async (term) => {
      const explained = await explainTerm(term, '0.1.0', shell)
      assert.ok('ok' in explained, term)
      return assertTaken(term, explained.ok)
    }),
  )
  const kinds = [...['', ...terms].flatMap((term) => assertTaken(term)), ...ofCommands.flat()].map(({ kind }) => kind)
  const described = explainReportSchema.shape.parts.element.options.map(({ shape }) => shape.kind.value)
  assert.deepEqual([...new Set(kinds)].toSorted(), described.toSorted())
})

test('the published schema refuses an answer without any one of its keys', () => {
  const report = reportFor('t1-ldaps')
  for (const key of Object.keys(report)) {
    assert.equal(published.safeParse({ ...report, [key]: undefined }).success, false, key)
  }
  const [part] = report.parts
  assert.equal(published.safeParse({ ...report, parts: [{ ...part, kind: 'something' }] }).success, false)
})
