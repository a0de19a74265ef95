import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { chosenBackend } from './chosenBackend.ts'

const names = ['app', 'app-next', 'app-old'] as const
const by = fc.oneof(
  fc.record({ tenantId: fc.uuid(), objectId: fc.uuid() }),
  fc.record({ network: fc.oneof(fc.ipV4(), fc.ipV6()) }),
)
const share = fc.integer({ min: 0, max: 1000 })
const sharesOf = fc.record({ app: share, 'app-next': share, 'app-old': share })

test('a caller is given a backend with a share, always the same, in whatever order they are written', () => {
  fc.assert(
    fc.property(sharesOf, by, (shares, caller) => {
      const chosen = chosenBackend({ shares }, names, caller)
      const isAny = Object.values(shares).some((one) => one > 0)
      assert.equal(chosen !== undefined, isAny)
      if (chosen !== undefined) assert.ok(shares[chosen as (typeof names)[number]] > 0)
      const turned = Object.fromEntries(Object.entries(shares).toReversed())
      assert.equal(chosenBackend({ shares: turned }, names, caller), chosen)
    }),
  )
})

test('who gives one backend more moves callers to it, and nobody between the others', () => {
  fc.assert(
    fc.property(sharesOf, share, by, (shares, more, caller) => {
      const before = chosenBackend({ shares }, names, caller)
      const raised = { ...shares, 'app-next': shares['app-next'] + more }
      const after = chosenBackend({ shares: raised }, names, caller)
      if (after !== before) assert.equal(after, 'app-next')
    }),
  )
})

test('callers are spread by the shares', () => {
  const shares = { app: 90, 'app-next': 10 }
  const chosen = Array.from({ length: 20_000 }, (_, at) =>
    chosenBackend({ shares }, names, { tenantId: 't', objectId: String(at) }),
  )
  const part = chosen.filter((one) => one === 'app-next').length / chosen.length
  assert.ok(part > 0.09 && part < 0.11, `${part} of the callers`)
})

test('without shares a route leads where it says, or to the only backend that there is', () => {
  const nobody = { network: '192.0.2.1' }
  assert.equal(chosenBackend({ to: 'app' }, names, nobody), 'app')
  assert.equal(chosenBackend({ to: 'lost' }, names, nobody), undefined)
  assert.equal(chosenBackend({}, names, nobody), undefined)
  assert.equal(chosenBackend({}, ['app'], nobody), 'app')
  assert.equal(chosenBackend({ shares: { lost: 1 } }, names, nobody), undefined)
})
