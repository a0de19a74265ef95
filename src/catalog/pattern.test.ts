import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { nameRows } from './names.ts'
import { fillPattern, isHostName, matchesPattern, parsePattern } from './pattern.ts'
import { starredBareHosts } from './starredBareHosts.ts'

const meant: readonly { pattern: string; name: string; is: boolean; why: string }[] = [
  { pattern: 'login.windows.net', name: 'login.windows.net', is: true, why: 'the same name' },
  { pattern: 'login.windows.net', name: 'LOGIN.Windows.NET.', is: true, why: 'letter case and one trailing dot' },
  { pattern: 'login.windows.net', name: 'x.login.windows.net', is: false, why: 'an exact name has no subdomains' },
  { pattern: '*.msappproxy.net', name: 'autoupdate.msappproxy.net', is: true, why: 'one label' },
  { pattern: '*.msappproxy.net', name: 't.registration.msappproxy.net', is: true, why: 'several labels' },
  { pattern: '*.msappproxy.net', name: 'msappproxy.net', is: false, why: 'the bare domain is not under it' },
  { pattern: '*.msappproxy.net', name: 'evilmsappproxy.net', is: false, why: 'the dot counts' },
  { pattern: '*.msappproxy.net', name: 'msappproxy.net.evil.example', is: false, why: 'the end counts' },
  { pattern: '**.contoso.example', name: 'a.b.contoso.example', is: true, why: 'two stars are as one' },
  { pattern: '**.contoso.example', name: 'contoso.example', is: false, why: 'still not the bare domain' },
  { pattern: '*cdn.onenote.net', name: 'site-cdn.onenote.net', is: true, why: 'a star inside a label' },
  { pattern: '*cdn.onenote.net', name: 'cdn.onenote.net', is: true, why: 'it may stand for nothing' },
  { pattern: '*cdn.onenote.net', name: 'a.cdn.onenote.net', is: false, why: 'it does not cross a dot' },
  { pattern: '*cdn.onenote.net', name: 'cdn2.onenote.net', is: false, why: 'the rest of the label counts' },
  {
    pattern: 'autodiscover.*.onmicrosoft.com',
    name: 'autodiscover.contoso.onmicrosoft.com',
    is: true,
    why: 'a star between',
  },
  {
    pattern: 'autodiscover.*.onmicrosoft.com',
    name: 'autodiscover.onmicrosoft.com',
    is: false,
    why: 'a label is wanted',
  },
  { pattern: '*.crl3.digicert.com', name: 'crl3.digicert.com', is: true, why: 'a starred bare host' },
  { pattern: '*.crl3.digicert.com', name: 'x.crl3.digicert.com', is: true, why: 'and what the star says' },
  {
    pattern: '{tenantId}.registration.msappproxy.net',
    name: 'abc.registration.msappproxy.net',
    is: true,
    why: 'filled',
  },
  {
    pattern: '{tenantId}.registration.msappproxy.net',
    name: 'registration.msappproxy.net',
    is: false,
    why: 'not filled',
  },
  { pattern: 'certauth.{federationServiceName}', name: 'certauth.sts.contoso.com', is: true, why: 'several labels' },
  { pattern: '{federationServiceName}', name: 'sts.contoso.com', is: false, why: 'it would match whatever there is' },
  {
    pattern: 'www.microsoft.com/pkiops',
    name: 'www.microsoft.com',
    is: true,
    why: 'the path does not matter to the name',
  },
  { pattern: 'tag:AzureActiveDirectory', name: 'login.windows.net', is: false, why: 'a tag is no name' },
  { pattern: 'not a name', name: 'not a name', is: false, why: 'text that can be no host name' },
]

for (const { pattern, name, is, why } of meant) {
  test(`${name} is ${is ? '' : 'not '}meant by ${pattern}: ${why}`, () => {
    assert.equal(matchesPattern(pattern, name), is)
  })
}

test('a name with a path is an exact name that keeps it', () => {
  assert.deepEqual(parsePattern('www.microsoft.com/pkiops'), {
    kind: 'exact',
    name: 'www.microsoft.com',
    path: '/pkiops',
  })
})

test('a service tag keeps its letter case', () => {
  assert.deepEqual(parsePattern('tag:AzureActiveDirectory'), { kind: 'tag', tag: 'AzureActiveDirectory' })
})

test('a template is filled from values and only when they are all there and make a host name', () => {
  const template = '{tenantId}.registration.msappproxy.net'
  assert.equal(fillPattern(template, { tenantId: 'ABC' }), 'abc.registration.msappproxy.net')
  assert.equal(fillPattern(template, {}), undefined)
  assert.equal(fillPattern(template, { tenantId: '' }), undefined)
  assert.equal(fillPattern(template, { tenantId: 'a b' }), undefined)
  assert.equal(fillPattern('{constructor}.example', {}), undefined)
  assert.equal(fillPattern('login.windows.net', {}), 'login.windows.net')
  assert.equal(fillPattern('*.windows.net', { '*': 'a' }), undefined)
  assert.equal(fillPattern('tag:AzureActiveDirectory', {}), undefined)
})

test('each starred bare host is starred in a list, and no other suffix is one', () => {
  const starred = nameRows.filter(({ pattern }) => {
    const parsed = parsePattern(pattern)
    return parsed.kind === 'wildcard' && parsed.coversBare
  })
  assert.deepEqual(new Set(starred.map(({ pattern }) => pattern.slice(2))), starredBareHosts)
  for (const { purpose } of starred) assert.match(purpose, /match both forms/)
})

const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,10}[a-z0-9])?$/)
const hostName = fc.array(label, { minLength: 1, maxLength: 5 }).map((labels) => labels.join('.'))
const patternText = fc.oneof(
  fc.string(),
  fc.string({ unit: fc.constantFrom('*', '.', '{', '}', 'a', 'b', '/', ':', '-', 'tag') }),
  fc.constantFrom(...nameRows.map(({ pattern }) => pattern)),
)

test('any text is read as a pattern and held against any name', () => {
  fc.assert(
    fc.property(patternText, fc.oneof(fc.string(), hostName), (pattern, name) => {
      assert.ok(['exact', 'template', 'wildcard', 'tag'].includes(parsePattern(pattern).kind))
      assert.equal(typeof matchesPattern(pattern, name), 'boolean')
    }),
  )
})

test('a host name is meant by itself, whatever its letter case', () => {
  fc.assert(
    fc.property(hostName, (name) => {
      assert.ok(matchesPattern(name, name.toUpperCase()))
      assert.ok(matchesPattern(name.toUpperCase(), `${name}.`))
    }),
  )
})

test('*.x covers every name below x, and never x itself or another domain', () => {
  fc.assert(
    fc.property(hostName, hostName, (below, domain) => {
      fc.pre(!starredBareHosts.has(domain) && `${below}.${domain}`.length <= 253)
      assert.ok(matchesPattern(`*.${domain}`, `${below}.${domain}`))
      assert.ok(!matchesPattern(`*.${domain}`, domain))
      assert.ok(!matchesPattern(`*.${domain}`, `x${domain}`))
    }),
  )
})

test('a star inside a label agrees with a regular expression of that label', () => {
  const glob = fc.string({ unit: fc.constantFrom('a', 'b', '*'), minLength: 1, maxLength: 8 })
  const word = fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 8 })
  fc.assert(
    fc.property(glob, word, (stars, text) => {
      fc.pre(stars !== '*' && stars !== '**')
      const expected = new RegExp(`^${stars.replaceAll('*', '.*')}$`).test(text)
      assert.equal(matchesPattern(`${stars}.example`, `${text}.example`), expected)
    }),
  )
})

test('what a template is filled to is meant by it', () => {
  fc.assert(
    fc.property(hostName, hostName, (value, domain) => {
      const template = `{part}.fixed.${domain}`
      const filled = fillPattern(template, { part: value })
      assert.ok(filled === undefined || matchesPattern(template, filled))
      assert.equal(filled === undefined, !isHostName(`${value}.fixed.${domain}`))
    }),
  )
})

test('a very long pattern and name are answered at once', () => {
  const long = 'a*'.repeat(50_000)
  assert.equal(matchesPattern(`${long}.example`, `${'a'.repeat(63)}.example`), false)
  assert.equal(parsePattern('{'.repeat(100_000)).kind, 'exact')
})
