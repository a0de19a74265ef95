import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { installed, needs } from './needs.ts'

/** A test as `needs` sees it; what it was left out for is kept. */
function bystander(): { readonly t: Pick<TestContext, 'skip'>; readonly reasons: (string | undefined)[] } {
  const reasons: (string | undefined)[] = []
  return { t: { skip: (reason) => void reasons.push(reason) }, reasons }
}

test('a program that is missing leaves the test out, with one line that says how to get it', () => {
  const { t, reasons } = bystander()
  assert.equal(needs(t, 'chromium', { PATH: '/nonexistent' }), undefined)
  assert.equal(reasons.length, 1)
  assert.match(
    reasons[0] ?? '',
    /^chromium is not installed: .*scripts\/install-debian\.sh.*\(Debian package chromium\)$/,
  )
})

test('on CI a program that is missing is a failure', () => {
  const { t, reasons } = bystander()
  assert.throws(() => needs(t, 'chromium', { PATH: '/nonexistent', CI: 'true' }), /install-debian/)
  assert.deepEqual(reasons, [])
})

test('what a file opens before its tests leaves it to them to say that a program is missing, on CI too', () => {
  assert.equal(installed('chromium', { PATH: '/nonexistent', CI: 'true' }), undefined)
})
