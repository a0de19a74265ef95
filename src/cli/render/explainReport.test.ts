import assert from 'node:assert/strict'
import { test } from 'node:test'
import { aliasRows } from '../../catalog/aliases.ts'
import { codeRows } from '../../catalog/index.ts'
import { auditFindingRows } from '../../firewall/findingRows.ts'
import { causeCodes } from '../../model/cause.ts'
import { causeOfCode } from './explainCauseOfCode.ts'
import type { ExplainPart } from './explainReport.ts'
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

test('ports that people write with a slash between them are each answered; a prefix of addresses is none', () => {
  assert.deepEqual(kindsOf('808/1501'), ['port', 'port'])
  assert.deepEqual(kindsOf('ports 80/443/808'), ['port', 'port', 'port'])
  assert.deepEqual(kindsOf('10.0.0.0/8'), [])
})

test('the most specific answer comes first', () => {
  const rows: readonly (readonly [string, readonly string[]])[] = [
    ['50011', ['codes', 'port']],
    ['connect-health', ['feature', 'list']],
    ['transport', ['layer']],
    ['blocked  filtered-silently  636/tcp on dc01', ['cause']],
    ['ETIMEDOUT', ['cause', 'cause']],
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

test('a mistyped cause or layer is found, and each finding of an audit is known', () => {
  assert.equal(suggestionsFor('sni-filtr')[0], 'sni-filter')
  assert.equal(suggestionsFor('trasport')[0], 'transport')
  assert.equal(suggestionsFor('t1-kerbreos')[0], 't1-kerberos')
  assert.deepEqual(suggestionsFor('nonsense'), [])
  for (const finding of Object.keys(auditFindingRows)) assert.ok(kindsOf(finding).includes('finding'), finding)
  assert.deepEqual(kindsOf('shadowed'), ['finding'])
})

test('every word that another name stands for has an answer', () => {
  for (const { asked, means } of aliasRows) {
    for (const word of means) assert.ok(kindsOf(word).length > 0, word)
    for (const name of asked) assert.ok(kindsOf(name).length > 0, name)
  }
})

/** What people ask, and what is answered: a part by its kind and its own word. */
const asked: readonly (readonly [term: string, parts: readonly string[]])[] = [
  ['PTA', ['feature pass-through-auth']],
  ['phs', ['feature password-hash-sync']],
  ['sspr', ['feature password-writeback', 'list password-writeback']],
  ['dc', ['role domain-controller']],
  ['adfs', ['role adfs', 'feature ad-fs', 'list ad-fs']],
  ['wap', ['role wap']],
  ['aadc', ['role entra-connect']],
  ['AAD  Connect', ['role entra-connect']],
  ['entra connect', ['role entra-connect']],
  ['hybrid join', ['feature hybrid-join', 'list hybrid-join']],
  ['tls 1.0', ['cause tls-version', 'finding old-tls']],
  ['kerberos 88', ['service kerberos', 'port 88']],
  ['port 636, ldaps', ['port 636', 'feature ldaps', 'service ldaps']],
  ['aad connect 443', ['role entra-connect', 'port 443']],
  ['any host to 22', []],
  ['kerberos kerberos', ['service kerberos']],
  ['login.microsoftonline.com 443', ['name login.microsoftonline.com', 'port 443']],
]

for (const [term, parts] of asked) {
  test(`${term} is answered by ${parts.join(', ') || 'nothing'}`, () => {
    const explained = explainReport(term, '0.1.0')
    const told = 'ok' in explained ? explained.ok.parts : []
    assert.deepEqual(told.map(wordsOf), parts)
  })
}

function wordsOf(part: ExplainPart): string {
  switch (part.kind) {
    case 'role':
      return `role ${part.role}`
    case 'feature':
    case 'list':
      return `${part.kind} ${part.feature}`
    case 'service':
      return `service ${part.service}`
    case 'cause':
    case 'finding':
      return `${part.kind} ${part.code}`
    case 'port':
      return `port ${part.ports.first}`
    case 'name':
      return `name ${part.name}`
    default:
      return part.kind
  }
}

test('what is near in meaning is suggested before what is near in spelling', () => {
  assert.equal(suggestionsFor('password forgotten reset')[0], 'password-writeback')
  assert.ok(suggestionsFor('reset the transport').length <= 5)
})

test('the term is given back as it was typed', () => {
  const explained = explainReport('  TCP/636 ', '0.1.0')
  assert.ok('ok' in explained)
  assert.equal(explained.ok.term, '  TCP/636 ')
  assert.equal(explained.ok.catalog.asOf, '2025-04-09')
})
