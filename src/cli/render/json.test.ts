import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { sampleCheck } from '../../../test/reports.ts'
import { json, jsonPieces } from './json.ts'

/** Written at once, as the platform does it, with the escapes that the documented text has besides. */
function atOnce(report: object): string {
  const text = JSON.stringify(report, null, 2)
  return `${text.replace(/[\u007f-\u009f\u2028\u2029\p{Cf}]/gu, (character) =>
    character
      .split('')
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .join(''),
  )}\n`
}

const texts = fc.string({ unit: 'binary' })
const values = fc.anything({ values: [texts, fc.boolean(), fc.double(), fc.constant(undefined)], maxDepth: 4 })

test('a report in pieces is the same text as at once, whatever it holds', () => {
  const reports = fc.oneof(fc.dictionary(texts, values), fc.array(values), fc.dictionary(texts, fc.array(values)))
  fc.assert(
    fc.property(reports, (report) => {
      assert.equal(json(report), atOnce(report))
    }),
  )
})

test('a long report comes in many pieces, none of which ends within a character or is much longer than the others', () => {
  const [flow] = sampleCheck.flows
  assert.ok(flow)
  // Two UTF-16 units, written as an escape each, and two that are written as they are.
  const purpose = '\u{e0001}\u{1f600}'.repeat(100)
  const report = { ...sampleCheck, flows: Array.from({ length: 400 }, () => ({ ...flow, purpose })) }
  const pieces = [...jsonPieces(report)]
  assert.ok(pieces.length > 10)
  assert.equal(pieces.join(''), atOnce(report))
  for (const piece of pieces) {
    assert.ok(piece.isWellFormed())
    assert.ok(piece.length < 2 * 65_536, `${piece.length}`)
  }
})
