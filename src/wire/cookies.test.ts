import assert from 'node:assert/strict'
import { validateHeaderValue } from 'node:http'
import { test } from 'node:test'
import fc from 'fast-check'
import { cookieField, withCookies } from './cookies.ts'

const none = new Map<string, string>()
const rows: readonly (readonly [why: string, fields: readonly string[], sent: string | undefined])[] = [
  ['none', [], undefined],
  ['its attributes are not sent back', ['a=1; Path=/; Secure; HttpOnly; SameSite=Lax'], 'a=1'],
  ['each goes back', ['a=1', '.AspNetCore.Antiforgery.x=CfDJ8; path=/'], 'a=1; .AspNetCore.Antiforgery.x=CfDJ8'],
  ['the later of twins counts', ['a=1', 'a=2=3'], 'a=2=3'],
  ['one without a value is one', ['a='], 'a='],
  ['one that is taken back is gone', ['a=1', 'b=2', 'a=; Max-Age=0'], 'b=2'],
  ['so is one by a date long gone', ['a=1', 'a=; expires=Thu, 01 Jan 1970 00:00:00 GMT; path=/'], undefined],
  ['a later date takes nothing back', ['a=1; Expires=Wed, 21 Oct 2031 07:28:00 GMT'], 'a=1'],
  ['an age of ten seconds takes nothing back', ['a=1; max-age=10'], 'a=1'],
  ['an age counts before a date', ['a=1; Max-Age=3600; Expires=Thu, 01 Jan 1970 00:00:00 GMT'], 'a=1'],
  ['wherever it stands', ['a=1', 'a=2; expires=Wed, 21 Oct 2031 07:28:00 GMT; max-age=0'], undefined],
  ['of ages the last counts', ['a=1; Max-Age=0; Max-Age=60', 'b=1; Max-Age=60; Max-Age=-1'], 'a=1'],
  ['of dates the last counts', ['a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Expires=Wed, 21 Oct 2031'], 'a=1'],
  ['what is no age is passed over', ['a=1', 'a=2; Max-Age=1h; Expires=Thu, 01 Jan 1970 00:00:00 GMT'], undefined],
  ['an age with a letter is none', ['a=1; Max-Age=-1x'], 'a=1'],
  ['what is no cookie is passed over', ['', 'a', '=1', 'a b=1', 'b=\u0007', 'c=\u00fc'], undefined],
  ['what is longer than browsers keep is passed over', [`a=${'x'.repeat(4096)}`], undefined],
]

for (const [why, fields, sent] of rows) {
  test(`cookies of a visit: ${why}`, () => assert.equal(cookieField(withCookies(none, fields)), sent))
}

test('whatever an app sets, a request can be written with it, and it stays bounded', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary' }), { maxLength: 80 }), (fields) => {
      const cookies = withCookies(none, [...fields, ...fields.map((text, at) => `n${at}=${text}`)])
      assert.ok(cookies.size <= 50)
      validateHeaderValue('Cookie', cookieField(cookies) ?? '')
    }),
  )
})
