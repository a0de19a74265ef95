import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { encoded, tags } from './der.ts'
import { spnegoMechanisms } from './spnego.ts'

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(/\s+/g, ''), 'hex'))
const identifier = (contents: string): Uint8Array => encoded(tags.objectIdentifier, hex(contents))
const spnego = identifier('2b0601050502')

/** Samba 4.17 as domain controller, captured: with the hint that asks to be ignored (MS-SPNG §2.2.1). */
const samba =
  hex(`605e06062b0601050502a0543052a024302206092a864882f71201020206092a864886f712010202060a2b06010401823702020a
  a32a3028a0261b246e6f745f646566696e65645f696e5f5246433431373840706c656173655f69676e6f7265`)

function offer(types: readonly Uint8Array[], first = spnego): Uint8Array {
  const list = encoded(tags.context(0), encoded(tags.sequence, ...types))
  return encoded(0x60, first, encoded(tags.context(0), encoded(tags.sequence, list)))
}

test('mechanisms are told by name, in the order of the server', () => {
  assert.deepEqual(spnegoMechanisms(samba), ['MS-Kerberos', 'Kerberos', 'NTLMSSP'])
})

test('what Windows may offer besides has its name, and what nobody knows its number', () => {
  const types = ['2b060104018237 02021e', '2a864886f712010202 03', '2b06010502 05', '2b0601050509'].map(identifier)
  assert.deepEqual(spnegoMechanisms(offer(types)), ['NEGOEX', 'Kerberos user-to-user', 'IAKERB', '1.3.6.1.5.5.9'])
})

for (const { what, octets } of [
  { what: 'nothing', octets: new Uint8Array() },
  { what: 'NTLMSSP without SPNEGO', octets: Buffer.from('NTLMSSP\0\x02\0\0\0', 'latin1') },
  { what: 'a token of Kerberos', octets: offer([], identifier('2a864886f712010202')) },
  { what: 'the answer to a token, NegTokenResp', octets: hex('a1073005a0030a0101') },
  { what: 'an offer that is cut', octets: samba.subarray(0, -1) },
]) {
  test(`${what} is no offer`, () => assert.equal(spnegoMechanisms(octets), undefined))
}

test('a list ends at what is no identifier, at one that is too long, and at the sixteenth', () => {
  const kerberos = identifier('2a864886f712010202')
  for (const wrong of [identifier(''), identifier('2b'.repeat(33)), encoded(tags.octetString, hex('2b'))]) {
    assert.deepEqual(spnegoMechanisms(offer([kerberos, wrong, kerberos])), ['Kerberos'])
  }
  assert.equal(spnegoMechanisms(offer(Array<Uint8Array>(40).fill(kerberos)))?.length, 16)
})

test('any octets, and any change of an offer, give a value of bounded length', () => {
  const changed = fc.tuple(fc.nat(samba.length - 1), fc.nat(255)).map(([at, octet]) => samba.with(at, octet))
  fc.assert(
    fc.property(fc.oneof(changed, fc.uint8Array({ maxLength: 300 })), (octets) => {
      const names = spnegoMechanisms(octets) ?? []
      assert.ok(names.length <= 16 && names.every((name) => name.length <= 120 && /^[ -~]+$/.test(name)))
    }),
    { numRuns: 2000 },
  )
})
