import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clientTimeoutOf, clientTimeouts, longRoundTrip } from './clientTimeouts.ts'

test('a client of a service is known by the service, and one of revocation by the host as well', () => {
  assert.equal(clientTimeoutOf('kerberos', 'dc01.corp.example')?.waitMs, 10_000)
  assert.equal(clientTimeoutOf('gcs', undefined)?.waitMs, 120_000)
  assert.equal(clientTimeoutOf('http', 'crl3.digicert.com')?.waitMs, 15_000)
  assert.equal(clientTimeoutOf('http', 'ocsp.digicert.com')?.waitMs, 15_000)
  for (const host of ['app01.corp.example', undefined]) assert.equal(clientTimeoutOf('http', host), undefined)
  assert.equal(clientTimeoutOf('https', 'login.microsoftonline.com'), undefined)
})

test('each wait is of at least one round trip, and says who documents it', () => {
  for (const { waitMs, roundTrips, source, services } of clientTimeouts) {
    assert.ok(waitMs > 0 && roundTrips >= 1 && source !== '', services.join())
  }
})

test('a round trip is long from where a satellite begins, beyond what any wire takes, and before any documented wait is used up', () => {
  const aroundAndBackMs = 2 * 20_000 * 0.005
  const bySatelliteMs = 2 * 279
  assert.ok(longRoundTrip.roundTripMs > 2 * aroundAndBackMs && longRoundTrip.roundTripMs < bySatelliteMs)
  for (const { waitMs, roundTrips } of clientTimeouts) assert.ok(longRoundTrip.roundTripMs < waitMs / roundTrips)
})
