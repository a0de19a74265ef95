import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { features } from '../model/feature.ts'
import { siteRoles } from '../model/role.ts'
import { services } from '../model/service.ts'
import { facts } from '../model/site.ts'
import type { AnswerPart } from './answer.ts'
import { answerFor } from './answer.ts'
import { codeRows } from './codes.ts'
import { factRows } from './facts.ts'
import { featureRows, impliedRoles } from './features.ts'
import { flowRows } from './flows.ts'
import { folkloreRows } from './folklore.ts'
import { catalogAsOf } from './index.ts'
import { nameRows } from './names.ts'
import { nearest } from './nearest.ts'
import { roleRows } from './roles.ts'
import { serviceWords } from './serviceWords.ts'
import { tokenRules } from './tokens.ts'

function partOf<Kind extends AnswerPart['kind']>(term: string, kind: Kind): AnswerPart & { kind: Kind } {
  const part = answerFor(term).parts.find((candidate) => candidate.kind === kind)
  assert.ok(part !== undefined && isKind(part, kind), `${term} has no ${kind}`)
  return part
}

function isKind<Kind extends AnswerPart['kind']>(part: AnswerPart, kind: Kind): part is AnswerPart & { kind: Kind } {
  return part.kind === kind
}

const kindsOf = (term: string): string[] => answerFor(term).parts.map(({ kind }) => kind)

test('the catalog is as old as the ports article', () => {
  assert.equal(catalogAsOf, '2025-04-09')
})

test('every flow id, feature, fact, role, code, name and term of folklore has an answer', () => {
  for (const { id } of flowRows) assert.ok(kindsOf(id).includes('flow'), id)
  for (const feature of features) assert.ok(kindsOf(feature).includes('feature'), feature)
  for (const fact of facts) assert.ok(kindsOf(fact).includes('fact'), fact)
  for (const role of Object.keys(roleRows)) assert.ok(kindsOf(role).includes('role'), role)
  for (const { code } of codeRows) assert.ok(kindsOf(code).includes('codes'), code)
  for (const { pattern } of nameRows) assert.ok(kindsOf(pattern).includes('name'), pattern)
  for (const { terms } of folkloreRows) {
    for (const term of terms) assert.ok(kindsOf(term).includes('folklore') || kindsOf(term).includes('port'), term)
  }
})

test('a flow is answered in full, with the rows that stand in for it and its names in every cloud', () => {
  const { row, fallbacks, names } = partOf('T7A-AMQPS', 'flow')
  assert.equal(row.id, 't7a-amqps')
  assert.deepEqual(
    fallbacks.map(({ id }) => id),
    ['t7a-https'],
  )
  assert.deepEqual(
    names.worldwide.map(({ pattern }) => pattern),
    ['*.servicebus.windows.net'],
  )
  assert.deepEqual(names.china, [])
})

test('8443 is answered with the fact: nothing of Microsoft needs it, and it may be the own door', () => {
  const { groups, siteChosen, folklore } = partOf('8443', 'port')
  assert.deepEqual(
    groups.map(({ necessity, uses }) => [necessity, ...uses.map(({ row }) => row.id)]),
    [
      ['conditional', 'app-user'],
      ['not-required', 'neg-8443-entra'],
    ],
  )
  assert.deepEqual(
    siteChosen.map(({ id }) => id),
    ['pnc-proxy-connect', 'pnc-backend', 'scim-in', 'scim-agent', 'connect-proxy'],
  )
  assert.deepEqual(
    folklore.map(({ tone }) => tone),
    ['folklore', 'own-door'],
  )
})

const tones: readonly { port: string; tone: string }[] = [
  { port: '5671', tone: 'true-for-old-builds' },
  { port: '8080', tone: 'fallback' },
  { port: '808', tone: 'local-only' },
  { port: '1501', tone: 'local-only' },
  { port: '9090', tone: 'true-for-old-builds' },
  { port: '9350', tone: 'true-for-old-builds' },
  { port: '10100-10120', tone: 'true-for-old-builds' },
]

for (const { port, tone } of tones) {
  test(`what is said about ${port} is ${tone}`, () => {
    assert.deepEqual(
      partOf(`port ${port}`, 'port').folklore.map((row) => row.tone),
      [tone],
    )
  })
}

test('a port is understood with its transport before or behind, and rows of the other transport are left out', () => {
  for (const term of ['udp/389', 'UDP 389', '389/udp']) {
    const { transport, groups } = partOf(term, 'port')
    assert.equal(transport, 'udp')
    const services = groups.flatMap(({ uses }) => uses.flatMap(({ pairs }) => pairs.map(({ service }) => service)))
    assert.deepEqual(new Set(services), new Set(['cldap']))
  }
})

test('a port inside a range belongs to the rows of the range', () => {
  const { groups } = partOf('port 50000', 'port')
  assert.ok(groups.some(({ uses }) => uses.some(({ row }) => row.id === 't1-rpc-dynamic')))
})

test('a number that is a code and a port gets both answers, one that is only a code gets one', () => {
  assert.deepEqual(kindsOf('50011'), ['codes', 'port'])
  assert.deepEqual(kindsOf('81001'), ['codes'])
  assert.deepEqual(kindsOf('32002'), ['codes'])
  assert.deepEqual(kindsOf('443'), ['port'])
})

test('a port that no row uses is answered with no row, and what is no port with nothing', () => {
  assert.deepEqual(partOf('22', 'port').groups, [])
  for (const term of ['0', '65536', '99999', '10-5']) assert.deepEqual(kindsOf(term), [], term)
})

test('a host name is answered with the patterns that cover it, the exact one first', () => {
  const { uses, flows, inspection } = partOf('https://Login.MicrosoftOnline.com:443/common', 'name')
  assert.deepEqual(
    uses.map(({ pattern }) => pattern),
    ['login.microsoftonline.com', '*.microsoftonline.com'],
  )
  assert.ok(flows.some(({ id }) => id === 't2-https-sync'))
  assert.ok(inspection.some(({ feature }) => feature === 'connect-sync'))
})

test('a closed cloud is explained, a customer’s name is recognised, and a stranger’s name is covered by nothing', () => {
  assert.deepEqual(
    partOf('login.microsoftonline.de', 'name').uses.flatMap(({ rows }) => rows.map(({ only }) => only)),
    ['germany-retired', 'germany-retired'],
  )
  assert.deepEqual(
    partOf('certauth.sts.contoso.com', 'name').uses.map(({ pattern }) => pattern),
    ['certauth.{federationServiceName}'],
  )
  assert.deepEqual(partOf('www.contoso.com', 'name').uses, [])
  const microsofts = partOf('enterpriseregistration.windows.net', 'name').uses
  assert.ok(microsofts.every(({ rows }) => rows.every(({ only }) => only === undefined)))
})

test('TLS of revocation hosts is nobody’s concern: they are fetched on plain HTTP', () => {
  assert.deepEqual(partOf('crl3.digicert.com', 'name').inspection, [])
})

test('a service is answered by its name and by what else it is called, with the pairs that speak it', () => {
  for (const [term, service] of [
    ['LDAP', 'ldap'],
    ['dc locator', 'cldap'],
    ['cifs', 'smb'],
    ['icmp', 'icmp-echo'],
    ['w32time', 'ntp'],
  ] as const) {
    const { groups, ...part } = partOf(term, 'service')
    assert.equal(part.service, service, term)
    const pairs = groups.flatMap(({ uses }) => uses.flatMap((use) => use.pairs))
    assert.ok(pairs.length > 0 && pairs.every((pair) => pair.service === service), term)
  }
  assert.deepEqual(kindsOf('ldap tls handshake'), [])
})

test('every service has a word, no word means two services, and none is a role, fact, list, table or flow', () => {
  const words = Object.entries(serviceWords).flatMap(([service, { words: others }]) => [service, ...others])
  assert.equal(new Set(words).size, words.length)
  for (const word of words) {
    assert.equal(word, word.toLowerCase().replace(/\s+/g, '-'), 'as a term is read')
    for (const kind of ['role', 'fact', 'list', 'flow', 'table']) assert.ok(!kindsOf(word).includes(kind), word)
    assert.ok(kindsOf(word).includes('service'), word)
  }
  assert.deepEqual(
    services.filter((service) => !Object.hasOwn(serviceWords, service)),
    ['tcp', 'any'],
  )
})

test('codes of a known family that no row has are read by the family, each once; those of the table are not', () => {
  const told = (text: string) => partOf(text, 'unlisted-codes').codes.map(({ code }) => code)
  assert.deepEqual(told('aadsts50058'), ['AADSTS50058'])
  assert.deepEqual(told('AADSTS50058: ... AADSTS50058, event id: 1234, 0x80072ee9'), [
    'AADSTS50058',
    'event 1234',
    '0x80072EE9',
  ])
  assert.deepEqual(kindsOf('AADSTS50011'), ['codes'])
  assert.deepEqual(kindsOf('HTTP 418 from proxy'), [])
})

test('a question in words finds what is said about it', () => {
  const { rows } = partOf('Does Entra call the redirect URI?', 'folklore')
  assert.match(rows[0]?.fact ?? '', /never calls/)
  assert.ok(partOf('internal port', 'folklore').rows.length > 0)
})

test('a table of the ports article is answered with its rows, by its number or by its word', () => {
  for (const term of ['Table 6b', 't6b', '6B']) {
    assert.deepEqual(
      partOf(term, 'table').flows.map(({ id }) => id),
      ['t6b-https', 't6b-direct-ip'],
      term,
    )
  }
  assert.deepEqual(kindsOf('t1'), ['table'])
  assert.deepEqual(kindsOf('1'), ['port'])
  assert.deepEqual(kindsOf('sspr-writeback'), ['table'])
  assert.deepEqual(kindsOf('table scim'), ['table'])
  assert.ok(!kindsOf('scim').includes('table'))
})

test('a term that nothing answers gets the nearest words, and only then', () => {
  assert.equal(answerFor('t1-kerbreos').suggestions[0], 't1-kerberos')
  assert.equal(answerFor('seamles-sso').suggestions[0], 'seamless-sso')
  assert.equal(answerFor('scmi').suggestions[0], 'scim')
  assert.deepEqual(answerFor('writeback').suggestions, ['group-writeback', 'password-writeback'])
  assert.deepEqual(answerFor('t1-ldaps').suggestions, [])
  assert.deepEqual(answerFor('').suggestions, [])
})

test('any term gets parts or suggestions and never fails', () => {
  const term = fc.oneof(
    fc.string(),
    fc.string({ unit: fc.constantFrom('tcp', '/', '4', '9', '.', 'a', '-', ' ', '*', '{', ':', 'table') }),
    fc.constantFrom(...flowRows.map(({ id }) => id), ...nameRows.map(({ pattern }) => pattern)),
  )
  fc.assert(
    fc.property(term, (asked) => {
      const { parts, suggestions } = answerFor(asked)
      assert.equal(answerFor(asked).term, asked)
      assert.ok(parts.length === 0 || suggestions.length === 0)
      assert.ok(suggestions.length <= 5)
    }),
  )
  assert.deepEqual(answerFor('x'.repeat(1_000_000)).suggestions, [])
})

test('the nearest word is the word itself, or one that a single error makes of it', () => {
  const words = features
  fc.assert(
    fc.property(fc.constantFrom(...words), fc.nat(), (word, place) => {
      const at = place % word.length
      assert.equal(nearest(word, words, 1)[0], word)
      assert.equal(nearest(`${word.slice(0, at)}#${word.slice(at)}`, [word], 1)[0], word)
      assert.ok(nearest(`${word.slice(0, at)}${word.slice(at + 1)}`, words, 3).includes(word) || word.length < 6)
    }),
  )
})

test('every feature has a title, a sentence, a source and roles that it needs', () => {
  for (const feature of features) {
    const { title, says, needs, source, asOf } = featureRows[feature]
    assert.ok(title !== '' && says.endsWith('.') && source.length > 10, feature)
    assert.match(asOf, /^\d{4}-\d{2}-\d{2}$/, feature)
    assert.ok(needs.length > 0 && needs.every((group) => group.length > 0), feature)
    for (const role of needs.flat()) assert.ok(siteRoles.includes(role), feature)
  }
})

test('group writeback has no flow of its own and says so', () => {
  assert.deepEqual(partOf('group-writeback', 'feature').flows, [])
  assert.match(featureRows['group-writeback'].says, /No flow is its own/)
})

test('the Connect server plays the first authentication agent', () => {
  assert.deepEqual(
    impliedRoles.map(({ feature, role, playedBy }) => [feature, role, playedBy]),
    [['pass-through-auth', 'pta-agent', 'entra-connect']],
  )
})

test('site roles are the site’s, and two groups have members', () => {
  for (const role of siteRoles) assert.equal(roleRows[role].side, 'site', role)
  const groups = Object.entries(roleRows).filter(([, { members }]) => members !== undefined)
  assert.deepEqual(
    groups.map(([role, { members }]) => [role, members]),
    [
      ['adfs-wap', ['adfs', 'wap']],
      [
        'outbound-only',
        ['entra-connect', 'pta-agent', 'cloud-sync-agent', 'provisioning-agent', 'private-network-connector'],
      ],
    ],
  )
})

const defaults: readonly [boolean | 'unknown', readonly string[]][] = [
  [true, ['time-from-ad', 'password-change-from-members', 'installer-has-mfa']],
  [
    false,
    ['filter-by-address-only', 'wpad', 'static-rpc-port', 'ad-fs-2012r2', 'old-health-agent', 'old-connector-build'],
  ],
]

for (const [value, expected] of defaults) {
  test(`the facts that are assumed ${value} while nobody answers are these, the others stay unknown or are derived`, () => {
    assert.deepEqual(
      facts.filter((fact) => factRows[fact].default === value),
      expected,
    )
  })
}

test('every fact is a question', () => {
  for (const fact of facts) assert.ok(factRows[fact].question.endsWith('?'), fact)
})

test('every row of folklore points at rows that exist, with source and date', () => {
  const ids = new Set(flowRows.map(({ id }) => id))
  for (const { terms, flows, source, asOf, claim, fact } of folkloreRows) {
    assert.ok(terms.length > 0 && terms.every((term) => term === term.toLowerCase()))
    for (const id of flows) assert.ok(ids.has(id), id)
    assert.ok(claim.endsWith('.') && fact.endsWith('.') && source.length > 10)
    assert.match(asOf, /^\d{4}-\d{2}-\d{2}$/)
  }
})

test('every token rule has a source and its date', () => {
  for (const [name, rule] of Object.entries(tokenRules)) {
    assert.ok(rule.source.length > 10, name)
    assert.match(rule.asOf, /^\d{4}-\d{2}-\d{2}$/, name)
  }
})
