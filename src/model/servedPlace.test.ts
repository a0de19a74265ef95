import assert from 'node:assert/strict'
import { test } from 'node:test'
import { servedPlace } from './servedPlace.ts'

test('the most exact key counts', () => {
  const names = { 'a.example:443': '10.0.0.1', 'a.example': '10.0.0.2', '*:80': '10.0.0.3' }
  assert.equal(servedPlace(names, 'a.example', 443), '10.0.0.1')
  assert.equal(servedPlace(names, 'a.example', 80), '10.0.0.2')
  assert.equal(servedPlace(names, 'b.example', 80), '10.0.0.3')
  assert.equal(servedPlace(names, 'b.example', 443), undefined)
})

for (const name of ['constructor', 'toString', '__proto__']) {
  test(`a host called ${name} is served elsewhere only where names: says so`, () => {
    assert.equal(servedPlace({}, name, 443), undefined)
    assert.equal(servedPlace({ '*:443': ':9443' }, name, 443), ':9443')
  })
}
