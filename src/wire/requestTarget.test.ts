import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { TargetReason } from './requestTarget.ts'
import { mostTargetLength, readRequestTarget, targetReasons } from './requestTarget.ts'

/** What is sent, and the path and query that are judged and forwarded. */
const good: readonly [sent: string, path: string, query?: string][] = [
  ['/', '/'],
  ['/admin', '/admin'],
  ['/admin/', '/admin/'],
  ['/%61dmin', '/admin'],
  ['/a%2db', '/a-b'],
  ['/caf%c3%a9', '/caf%C3%A9'],
  ['/a%20b', '/a%20b'],
  ['/a+b@c:d,e!$&()*=', '/a+b@c:d,e!$&()*='],
  ['/.well-known/x', '/.well-known/x'],
  ['/.postern/sign-in', '/.postern/sign-in'],
  ['/...a/b..c', '/...a/b..c'],
  ['/?', '/', ''],
  ['/a?b=c', '/a', 'b=c'],
  // Of a query nothing is judged: it is forwarded as it came.
  ['/a?../%2f%zz;//', '/a', '../%2f%zz;//'],
  ['/a?b?c', '/a', 'b?c'],
  ['/a|b[c]', '/a|b[c]'],
  ['/a?{b}|^`\\', '/a', '{b}|^`\\'],
]
for (const [sent, path, query] of good) {
  test(`${sent} is ${path}`, () => {
    assert.deepEqual(readRequestTarget(sent), {
      ok: true,
      target: { path, ...(query !== undefined && { query }) },
    })
  })
}

const bad: readonly [sent: string, reason: TargetReason][] = [
  ['', 'target-form'],
  ['*', 'target-form'],
  ['admin', 'target-form'],
  ['http://a.example/admin', 'target-form'],
  ['a.example:443', 'target-form'],
  [`/${'a'.repeat(mostTargetLength)}`, 'target-too-long'],
  ['/a b', 'target-octet'],
  ['/a\tb', 'target-octet'],
  ['/a\u0000', 'target-octet'],
  ['/a\u00e9', 'target-octet'],
  ['/a"', 'target-octet'],
  ['/a<', 'target-octet'],
  ['/a^', 'target-octet'],
  ['/a`', 'target-octet'],
  ['/a{', 'target-octet'],
  ['/a?b#c', 'target-octet'],
  ['/a?b c', 'target-octet'],
  ['/public#/../admin', 'target-octet'],
  ['/a%', 'path-encoding'],
  ['/a%2', 'path-encoding'],
  ['/a%zz', 'path-encoding'],
  ['/a%u0041', 'path-encoding'],
  ['/%2561dmin', 'path-encoding'],
  ['/%252e%252e/admin', 'path-encoding'],
  ['/a%ff', 'path-text'],
  ['/a%c0%ae', 'path-text'],
  ['/a%ed%a0%80', 'path-text'],
  ['/a%00', 'path-control'],
  ['/a%0d%0aX: y', 'target-octet'],
  ['/a%0d%0a', 'path-control'],
  ['/a%7f', 'path-control'],
  ['/a%c2%85', 'path-control'],
  ['//admin', 'path-slash'],
  ['/a//b', 'path-slash'],
  ['/a%2fb', 'path-slash'],
  ['/a%2Fb', 'path-slash'],
  ['/a%5cb', 'path-slash'],
  ['/a\\b', 'path-slash'],
  ['/public/../admin', 'path-dots'],
  ['/public/%2e%2e/admin', 'path-dots'],
  ['/public/.%2E/admin', 'path-dots'],
  ['/./admin', 'path-dots'],
  ['/admin/.', 'path-dots'],
  ['/..', 'path-dots'],
  ['/admin.', 'path-segment-end'],
  ['/admin./x', 'path-segment-end'],
  ['/admin%20', 'path-segment-end'],
  ['/admin%2e', 'path-segment-end'],
  ['/admin;x', 'path-parameter'],
  ['/public/%EF%BC%8E%EF%BC%8E/admin', 'path-dots'],
  ['/public/%E2%80%A5/admin', 'path-dots'],
  ['/public%EF%BC%8F..%EF%BC%8Fadmin', 'path-slash'],
  ['/a%EF%BC%BCb', 'path-slash'],
  ['/public/%25u002e%25u002e/admin', 'path-encoding'],
  ['/%25u0061dmin', 'path-encoding'],
  ['/admin%3Fx', 'path-encoding'],
  ['/admin%23x', 'path-encoding'],
  ['/secret.txt::$DATA', 'path-file-name'],
  ['/secret.txt%3A%3A$DATA', 'path-file-name'],
  ['/admin:$i30:$INDEX_ALLOCATION/x', 'path-file-name'],
  ['/ADMINI~1/x', 'path-file-name'],
  ['/admin%3bx', 'path-parameter'],
  ['/public/..;/admin', 'path-parameter'],
]
for (const [sent, reason] of bad) {
  test(`${JSON.stringify(sent.slice(0, 40))} is refused: ${reason}`, () => {
    assert.deepEqual(readRequestTarget(sent), { ok: false, reason })
  })
}

test('every reason is met', () => {
  assert.deepEqual(
    Object.keys(targetReasons).filter((reason) => !bad.some(([, met]) => met === reason)),
    [],
  )
})

test('where parameters are taken, what stands before them is still no way up', () => {
  const read = (sent: string) => readRequestTarget(sent, { parameters: true })
  assert.deepEqual(read('/a;v=1/b'), { ok: true, target: { path: '/a;v=1/b' } })
  assert.deepEqual(read('/public/..;/admin'), { ok: false, reason: 'path-dots' })
  assert.deepEqual(read('/admin.;x'), { ok: false, reason: 'path-segment-end' })
})

const piece = fc.constantFrom(
  ...[
    '/',
    '.',
    '..',
    '%2e',
    '%2f',
    '%5c',
    '\\',
    ';',
    '?',
    '#',
    '%',
    '%25',
    'a',
    'A',
    '%61',
    '%c3',
    '%a9',
    ' ',
    '\u0000',
    '@',
  ],
)
const target = fc.oneof(
  fc.string(),
  fc.array(piece, { maxLength: 12 }).map((pieces) => `/${pieces.join('')}`),
)

test('what is accepted is read again as the same, and by a browser’s own reader as well', () => {
  fc.assert(
    fc.property(target, (sent) => {
      const read = readRequestTarget(sent)
      if (!read.ok) return
      const { path, query } = read.target
      const forwarded = query === undefined ? path : `${path}?${query}`
      assert.deepEqual(readRequestTarget(forwarded), read)
      const url = new URL(`https://gate.example${forwarded}`)
      assert.equal(url.hostname, 'gate.example')
      assert.equal(url.pathname, path)
      assert.equal(url.hash, '')
    }),
    { numRuns: 3000 },
  )
})

test('however often what is accepted is decoded, it stays within the same segments', () => {
  fc.assert(
    fc.property(target, (sent) => {
      const read = readRequestTarget(sent)
      if (!read.ok) return
      const segments = read.target.path.split('/').length
      let text = read.target.path
      for (let times = 0; times < 3; times += 1) {
        text = decodeURIComponent(text.replaceAll(/%(?![0-9a-f]{2})/gi, '%25'))
        assert.equal(text.split('/').length, segments)
        assert.ok(!text.split('/').some((segment) => segment === '..' || segment === '.'))
      }
    }),
    { numRuns: 3000 },
  )
})
