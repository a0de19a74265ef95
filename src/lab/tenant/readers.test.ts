import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { readAskedClaims } from './askedClaims.ts'
import { readScope } from './askedScope.ts'
import { Directory } from './directory.ts'
import { describe, numbered } from './entraErrors.ts'
import { gateApp, graphAppId } from './index.ts'
import { escaped, html } from './pages.ts'

const gate = gateApp('https://localhost:8443', { secret: 's' })
const directory = new Directory([], [gate], 'https://localhost:8444')

test('whatever stands in a claims parameter is read, or said to be none', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.json(),
        fc.jsonValue().map((value) => JSON.stringify({ id_token: value })),
      ),
      (text) => {
        const read = readAskedClaims(text)
        for (const one of [...(read?.essential ?? []), ...(read?.contexts ?? []), ...(read?.capabilities ?? [])]) {
          assert.equal(typeof one, 'string')
        }
      },
    ),
  )
  assert.deepEqual(
    readAskedClaims(
      '{"id_token":{"acrs":{"essential":true,"values":["c1",2,"c2"]}},"access_token":{"xms_cc":{"values":["cp1"]}}}',
    ),
    {
      essential: ['c1', 'c2'],
      contexts: ['c1', 'c2'],
      capabilities: ['cp1'],
    },
  )
  for (const none of ['[]', 'null', '1', '{', '"x"']) assert.equal(readAskedClaims(none), undefined, none)
})

test('whatever stands in a scope is an API of the tenant with scopes of its own, or an error with a number', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const read = readScope(text, directory)
      if ('code' in read) assert.ok(read.code > 0)
      else assert.ok(directory.apps.includes(read.api))
    }),
  )
  const rows = [
    [`openid api://${gate.clientId}/access_as_user`, gate.clientId, ['access_as_user']],
    [`${gate.clientId}/.default`, gate.clientId, ['access_as_user']],
    ['https://graph.microsoft.com/User.Read', graphAppId, ['User.Read']],
    ['GroupMember.Read.All', graphAppId, ['GroupMember.Read.All']],
  ] as const
  for (const [text, api, scopes] of rows) {
    const read = readScope(text, directory)
    assert.ok('api' in read)
    assert.deepEqual([read.api.clientId, read.scopes], [api, scopes])
  }
})

test('an error has one line, and a page shows text as text', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (error, told) => {
      assert.doesNotMatch(describe(numbered(error, told, 400), 0), /[\r\n]/)
      const { html: page } = html`<p title="${told}">${told}</p>`
      assert.equal(page, `<p title="${escaped(told)}">${escaped(told)}</p>`)
      assert.doesNotMatch(escaped(told), /[<>"']/)
    }),
  )
})
