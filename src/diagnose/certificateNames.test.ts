import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { coversHost, namesOf } from './certificateNames.ts'

for (const { names, count, host, covers } of [
  { names: ['dns:app.example'], host: 'APP.example.', covers: true },
  { names: ['dns:*.corp.example'], host: 'app.corp.example', covers: true },
  { names: ['dns:*.corp.example'], host: 'a.app.corp.example', covers: false },
  { names: ['dns:*.corp.example'], host: 'corp.example', covers: false },
  { names: ['dns:*'], host: 'localhost', covers: false },
  { names: ['dns:a*.corp.example'], host: 'app.corp.example', covers: false },
  { names: ['ip:1app.example'], host: 'app.example', covers: false },
  { names: ['ip:10.1.0.5'], host: '10.1.0.5', covers: true },
  { names: ['dns:10.1.0.5'], host: '10.1.0.5', covers: false },
  { names: ['ip:2001:db8::5'], host: '2001:DB8:0::5', covers: true },
  { names: [], host: 'app.example', covers: false },
  { names: ['dns:other.example'], count: 70, host: 'app.example', covers: undefined },
  { names: ['dns:app.example'], count: 70, host: 'app.example', covers: true },
]) {
  test(`${names.join(' ') || 'nothing'}${count === undefined ? '' : ` of ${count}`} and ${host}: ${covers}`, () => {
    const certificate = { subjectAltNames: names, ...(count !== undefined && { subjectAltNameCount: count }) }
    assert.equal(coversHost(certificate, host), covers)
  })
}

test('few names are told all, of many the first four', () => {
  assert.equal(namesOf({ subjectAltNames: ['dns:a'] }), 'a')
  assert.equal(namesOf({ subjectAltNames: ['dns:a', 'ip:10.1.0.5'] }), 'a and 10.1.0.5')
  assert.equal(namesOf({ subjectAltNames: ['dns:a', 'dns:b', 'dns:c', 'dns:d', 'dns:e'] }), 'a, b, c, d and 1 more')
})

test('any names and any host give an answer', () => {
  const text = fc.string({ unit: fc.constantFrom('*', '.', 'a', ':', '1', 'd', 'n', 's') })
  fc.assert(
    fc.property(fc.array(text), text, (subjectAltNames, host) => {
      assert.equal(typeof coversHost({ subjectAltNames }, host), 'boolean')
    }),
  )
})
