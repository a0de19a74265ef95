import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { isTlsRecord, readServerFlight, tlsAlert } from './tls-record.ts'

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(/\s+/g, ''), 'hex'))
const ascii = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'latin1'))
const length = (octets: Uint8Array, width: number): string => octets.length.toString(16).padStart(2 * width, '0')
const record = (type: string, payload: string): string => `${type} 0303 ${length(hex(payload), 2)} ${payload}`
const handshake = (type: string, body: string): string => `${type} ${length(hex(body), 3)} ${body}`

test('alerts are called by the names of RFC 8446, unknown ones by their number', () => {
  assert.deepEqual(tlsAlert(40), { number: 40, name: 'handshake_failure' })
  assert.deepEqual(tlsAlert(70), { number: 70, name: 'protocol_version' })
  assert.deepEqual(tlsAlert(116), { number: 116, name: 'certificate_required' })
  assert.deepEqual(tlsAlert(200), { number: 200, name: 'alert_200' })
})

for (const { what, octets, is } of [
  { what: 'an alert record', octets: hex('15 0303 0002 0228'), is: true },
  { what: 'the first octet of a handshake record', octets: hex('16'), is: true },
  { what: 'an HTTP status line', octets: ascii('HTTP/1.1 400 Bad Request'), is: false },
  { what: 'an SSH banner', octets: ascii('SSH-2.0'), is: false },
  { what: 'nothing', octets: ascii(''), is: false },
  { what: 'a record of 40 KiB', octets: hex('16 0303 a000'), is: false },
  { what: 'a record of version 2.0', octets: hex('16 0200 0002'), is: false },
  { what: 'a record of version 3.9', octets: hex('16 0309 0002'), is: false },
]) {
  test(`${what} ${is ? 'can be' : 'is no'} TLS`, () => assert.equal(isTlsRecord(octets), is))
}

test('a fatal alert as the whole answer is read', () => {
  assert.deepEqual(readServerFlight(hex('15 0301 0002 0246')), {
    alert: { number: 70, name: 'protocol_version' },
    certificates: [],
    clientCertificateRequested: false,
  })
})

test('a warning is said to be one, and gives way to the fatal alert after it', () => {
  const warned = '15 0303 0002 0170'
  assert.deepEqual(readServerFlight(hex(warned)).alert, { number: 112, name: 'unrecognized_name', warning: true })
  assert.deepEqual(readServerFlight(hex(`${warned} 15 0303 0002 0228`)).alert, {
    number: 40,
    name: 'handshake_failure',
  })
  assert.deepEqual(readServerFlight(hex('15 0303 0002 0228 15 0303 0002 0246')).alert?.number, 40)
  assert.deepEqual(readServerFlight(hex(`${warned} 15 0303 0002 015a`)).alert?.number, 112)
  assert.deepEqual(readServerFlight(hex('15 0303 0002 0100')).alert, { number: 0, name: 'close_notify' })
})

test('a TLS 1.2 flight shows its certificates, the request for one, and the alert that follows', () => {
  const certificates = `${length(hex('000002aabb 000003ccddee'), 3)} 000002aabb 000003ccddee`
  const flight = [
    record('16', handshake('02', '0303')),
    record('16', handshake('0b', certificates)),
    record('16', `${handshake('0d', '01')} ${handshake('0e', '')}`),
    record('15', '0228'),
  ].join(' ')
  assert.deepEqual(readServerFlight(hex(flight)), {
    alert: { number: 40, name: 'handshake_failure' },
    certificates: [hex('aabb'), hex('ccddee')],
    clientCertificateRequested: true,
  })
})

test('a message that is spread over records is put together', () => {
  const message = hex(handshake('0b', '000005 000002aabb'))
  const records = Array.from(message, (octet) => record('16', octet.toString(16).padStart(2, '0'))).join(' ')
  assert.deepEqual(readServerFlight(hex(records)).certificates, [hex('aabb')])
})

test('what comes after ChangeCipherSpec is encrypted and not read', () => {
  const flight = [record('16', handshake('02', '0303')), record('14', '01'), record('15', '0228')].join(' ')
  assert.equal(readServerFlight(hex(flight)).alert, undefined)
})

test('any octets give a value, whole, and beginning as TLS does', () => {
  const beginnings = fc.constantFrom(hex(''), hex('16 0303 0040'), hex('16 0303 0040 0b000020'), hex('15 0303 0002'))
  fc.assert(
    fc.property(beginnings, fc.uint8Array({ maxLength: 300 }), (beginning, rest) => {
      const octets = Uint8Array.from([...beginning, ...rest])
      const { certificates } = readServerFlight(octets)
      assert.ok(certificates.reduce((sum, certificate) => sum + certificate.length, 0) <= octets.length)
    }),
    { numRuns: 2000 },
  )
})
