import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ownPath } from './ownPath.ts'

test('a path of the gate’s own is one, with its query', () => {
  for (const path of ['/', '/a/b?c=d&e=%2F%2Fevil', '/a%20b', '/?a']) assert.equal(ownPath(path), path)
  assert.equal(ownPath('/%61'), '/a')
})

test('the gate’s own pages are none, however they are spelt', () => {
  for (const path of ['/.postern', '/.postern/', '/.postern/sign-out', '/.POSTERN/callback', '/%2epostern/sign-in']) {
    assert.equal(ownPath(path), undefined, path)
  }
})

test('whatever text comes, what is taken stays at the gate, in a header and in a link alike', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      '/',
      '//',
      '\\',
      '.',
      '..',
      '@',
      ':',
      '%2f',
      '%5c',
      '%09',
      '\t',
      '\n',
      'evil.example',
      'https:',
      '?',
      '#',
      ';',
    ),
    fc.string({ maxLength: 4 }),
    fc.constantFrom('\u0000', '\u2028', '\uff0f', '\u00a0', '\ud800'),
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), fc.constantFrom('', '/', '//', '/\\'), (pieces, begins) => {
      const taken = ownPath(begins + pieces.join(''))
      if (taken === undefined) return
      assert.match(taken, /^\/(?![/\\])[\x21-\x7e]*$/)
      const { origin, pathname } = new URL(taken, 'https://gate.corp.example:8443/deep/down')
      assert.equal(origin, 'https://gate.corp.example:8443')
      assert.equal(pathname.toLowerCase().startsWith('/.postern'), false)
    }),
    { numRuns: 1000 },
  )
})
