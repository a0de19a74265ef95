import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { openAdmission } from './admission.ts'

const words = (admission: ReturnType<typeof openAdmission>, ...addresses: readonly string[]): readonly string[] =>
  addresses.map((address) => {
    const place = admission.enter(address)
    return 'why' in place ? place.why : 'in'
  })

test('one /64 of IPv6 counts as one address, and each address of IPv4 for itself', () => {
  const admission = openAdmission({ connections: 100, connectionsPerAddress: 2 })
  assert.deepEqual(words(admission, '2001:db8::1', '2001:db8::ffff:1', '2001:db8:0:0:9::1', '2001:db8:0:1::1'), [
    'in',
    'in',
    'too-many-of-address',
    'in',
  ])
  assert.deepEqual(words(admission, '192.0.2.1', '192.0.2.1', '192.0.2.1', '192.0.2.2'), [
    'in',
    'in',
    'too-many-of-address',
    'in',
  ])
})

test('a place that is given back twice is one place', () => {
  const admission = openAdmission({ connections: 2, connectionsPerAddress: 2 })
  const first = admission.enter('192.0.2.1')
  assert.ok('leave' in first)
  first.leave()
  first.leave()
  assert.deepEqual(words(admission, '192.0.2.1', '192.0.2.1', '192.0.2.2'), ['in', 'in', 'too-many-connections'])
})

test('in any order of coming and going neither bound is passed, and none is refused below both', () => {
  const address = fc.constantFrom('192.0.2.1', '192.0.2.2', '2001:db8::1', '2001:db8::2', '2001:db8:1::1')
  const source = (text: string): string => text.replace(/^2001:db8::.$/, 'one')
  fc.assert(
    fc.property(fc.array(fc.tuple(address, fc.boolean()), { maxLength: 60 }), (steps) => {
      const admission = openAdmission({ connections: 4, connectionsPerAddress: 2 })
      const inside: { readonly of: string; readonly leave: () => void }[] = []
      for (const [text, isLeaving] of steps) {
        if (isLeaving) {
          inside.shift()?.leave()
          continue
        }
        const place = admission.enter(text)
        const ofSource = inside.filter(({ of }) => of === source(text)).length
        assert.equal('leave' in place, inside.length < 4 && ofSource < 2)
        if ('leave' in place) inside.push({ of: source(text), leave: place.leave })
      }
    }),
  )
})
