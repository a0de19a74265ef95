import assert from 'node:assert/strict'
import { test } from 'node:test'
import { codeRows } from '../../catalog/index.ts'
import { causeCodes } from '../../model/cause.ts'
import { causeOfCode } from './explainCauseOfCode.ts'
import { explainReport } from './explainReport.ts'

function kindsOf(term: string): readonly string[] {
  const explained = explainReport(term, '0.1.0')
  return 'ok' in explained ? explained.ok.parts.map(({ kind }) => kind) : []
}

function suggestionsFor(term: string): readonly string[] {
  const explained = explainReport(term, '0.1.0')
  assert.ok('suggestions' in explained, term)
  return explained.suggestions
}

test('every code that proves a cause is a code of the catalog, and the cause has the words for it', () => {
  const known = new Set(codeRows.map(({ code }) => code))
  assert.deepEqual(
    Object.keys(causeOfCode).filter((code) => !known.has(code)),
    [],
  )
  for (const cause of Object.values(causeOfCode)) assert.ok(cause !== undefined && causeCodes.includes(cause))
})

test('a code that several causes lead to points at none', () => {
  for (const term of ['AADSTS50076', 'HTTP 403 from proxy', 'openssl verify error 20']) {
    const explained = explainReport(term, '0.1.0')
    assert.ok('ok' in explained)
    for (const part of explained.ok.parts) {
      if (part.kind === 'codes') assert.ok(part.rows.every(({ cause }) => cause === undefined))
    }
  }
})

test('the most specific answer comes first', () => {
  const rows: readonly (readonly [string, readonly string[]])[] = [
    ['50011', ['codes', 'port']],
    ['connect-health', ['feature', 'list']],
    ['transport', ['layer']],
    ['blocked  filtered-silently  636/tcp on dc01', ['cause']],
    ['ETIMEDOUT', []],
    ['', ['index']],
    ['  ', ['index']],
  ]
  for (const [term, kinds] of rows) assert.deepEqual(kindsOf(term), kinds, term)
})

test('the name of an error is told from one that it begins with', () => {
  const rows: readonly (readonly [string, readonly string[]])[] = [
    ['UNABLE_TO_GET_ISSUER_CERT', ['root-missing']],
    ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', ['interception-untrusted']],
  ]
  for (const [sign, causes] of rows) {
    const explained = explainReport(sign, '0.1.0')
    assert.ok('ok' in explained)
    assert.deepEqual(
      explained.ok.parts.flatMap((part) => (part.kind === 'sign' ? part.causes.map(({ code }) => code) : [])),
      causes,
    )
  }
})

test('a mistyped cause or layer is found, and a finding of an audit is not known', () => {
  assert.equal(suggestionsFor('sni-filtr')[0], 'sni-filter')
  assert.equal(suggestionsFor('trasport')[0], 'transport')
  assert.equal(suggestionsFor('t1-kerbreos')[0], 't1-kerberos')
  assert.deepEqual(suggestionsFor('nonsense'), [])
  for (const finding of ['shadowed', 'open-wide', 'stale-address']) suggestionsFor(finding)
})

test('the term is given back as it was typed', () => {
  const explained = explainReport('  TCP/636 ', '0.1.0')
  assert.ok('ok' in explained)
  assert.equal(explained.ok.term, '  TCP/636 ')
  assert.equal(explained.ok.catalog.asOf, '2025-04-09')
})
