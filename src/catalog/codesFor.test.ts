import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { codeCategories, codeRows } from './codes.ts'
import { codesFor } from './codesFor.ts'

const found = (text: string): string[] => codesFor(text).map(({ code }) => code)

test('there are 129 codes, no code comes twice, and each has meaning, cause, remedy and source', () => {
  assert.equal(codeRows.length, 129)
  assert.equal(new Set(codeRows.map(({ code }) => code.toLowerCase())).size, 129)
  for (const row of codeRows) {
    assert.ok(codeCategories.includes(row.category), row.code)
    assert.ok(row.meaning !== '' && row.likelyCause !== '' && row.whatToDo !== '' && row.source.length > 10, row.code)
    assert.match(row.asOf ?? '2024-04-24', /^\d{4}-\d{2}-\d{2}$/, row.code)
    assert.ok(!/\.json\b/.test(JSON.stringify(row)), row.code)
  }
})

test('only sources that carry no date go without one', () => {
  const undated = new Set(codeRows.filter(({ asOf }) => asOf === undefined).map(({ source }) => source))
  assert.deepEqual(undated.size, 3)
})

test('every code is found by itself in any letter case, and every related code by its row', () => {
  for (const row of codeRows) {
    assert.deepEqual(found(row.code), [row.code])
    assert.deepEqual(found(` ${row.code.toUpperCase()} `), [row.code])
    for (const related of row.relatedCodes ?? []) assert.ok(found(related).includes(row.code), related)
  }
})

test('every AADSTS code is found by its number alone', () => {
  for (const { code } of codeRows.filter((row) => row.code.startsWith('AADSTS'))) {
    assert.ok(found(code.slice('AADSTS'.length)).includes(code), code)
  }
})

const asked: readonly { text: string; codes: readonly string[]; why: string }[] = [
  { text: '50011', codes: ['AADSTS50011'], why: 'the number alone' },
  { text: 'aadsts 50011', codes: ['AADSTS50011'], why: 'a space' },
  { text: 'AADSTS81001', codes: ['81001'], why: 'the table has it without prefix' },
  { text: '32002', codes: ['event 32002'], why: 'an event by its number' },
  { text: 'Event ID: 32002', codes: ['event 32002'], why: 'as the event viewer writes it' },
  { text: 'AADSTS32002', codes: [], why: 'an event is no AADSTS code' },
  { text: '407', codes: ['HTTP 407 from proxy'], why: 'a status code by its number' },
  { text: 'AADSTS407', codes: [], why: 'a status code is no AADSTS code' },
  { text: '800700CE', codes: ['hr=800700CE'], why: 'an HRESULT without prefix' },
  { text: '0x800700ce', codes: ['hr=800700CE'], why: 'an HRESULT as 0x' },
  {
    text: "AADSTS50011: The redirect URI 'http://app.contoso.com:8443/cb' does not match. Trace ID: 50105",
    codes: ['AADSTS50011'],
    why: 'a pasted message; other numbers in it are no codes',
  },
  { text: 'AADSTS500112: reply address differs', codes: ['AADSTS500112'], why: 'a longer number is another code' },
  {
    text: '{"error":"invalid_grant","error_description":"AADSTS54005: already redeemed","error_codes":[54005]}',
    codes: ['AADSTS54005', 'invalid_grant'],
    why: 'a token answer carries two',
  },
  {
    text: "System.Net.WebException: The remote name could not be resolved: 'login.windows.net'",
    codes: ['The remote name could not be resolved'],
    why: 'the words of a message',
  },
  {
    text: 'The remote server returned an error: (407) Proxy Authentication Required.',
    codes: ['HTTP 407 from proxy'],
    why: 'a status code in brackets',
  },
  {
    text: 'verify error:num=20:unable to get local issuer certificate',
    codes: ['openssl verify error 20'],
    why: 'as openssl writes it',
  },
  {
    text: 'remote name could not be resolved',
    codes: ['The remote name could not be resolved'],
    why: 'a good part of the words',
  },
  { text: 'the', codes: [], why: 'a word that many messages have' },
  { text: '', codes: [], why: 'nothing' },
]

for (const { text, codes, why } of asked) {
  test(`codes of ${JSON.stringify(text)}: ${why}`, () => {
    assert.deepEqual(found(text), codes)
  })
}

test('any text can be asked about, and finds rows of the table in their order', () => {
  const text = fc.oneof(
    fc.string(),
    fc.string({
      unit: fc.constantFrom('aadsts', 'event', ' ', ':', '5', '0', '1', 'hr=', '(', '407', 'invalid_grant'),
    }),
  )
  fc.assert(
    fc.property(text, (asking) => {
      const places = codesFor(asking).map((row) => codeRows.indexOf(row))
      assert.ok(places.every((place, at) => place >= 0 && (at === 0 || place > (places[at - 1] ?? -1))))
    }),
  )
})

test('a code is found in a message of any length, wherever it stands', () => {
  const filler = fc.string({ unit: fc.constantFrom(' ', 'event', '(', 'x', '"'), maxLength: 200 })
  fc.assert(
    fc.property(filler, filler, fc.constantFrom(...codeRows), (before, after, row) => {
      fc.pre(row.code.startsWith('AADSTS'))
      assert.ok(found(`${before} ${row.code}: ${after}`).includes(row.code))
    }),
  )
  assert.deepEqual(found(`${'event '.repeat(100_000)}AADSTS50011`), ['AADSTS50011'])
})
