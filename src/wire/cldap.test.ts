import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { cldapPing, readCldapAnswer } from './cldap.ts'
import { encoded, encodedInteger, tags } from './der.ts'

const octetsOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replaceAll(/\s+/g, ''), 'hex'))

/** Samba 4.17, captured: the answer to `cldapPing(0x1234, { domain: 'corp.example' })`. */
const samba = octetsOf(`3077 0202 1234 6471 0400 306d 306b 0408 6e65746c6f676f6e 315f
  045d 17000000fd13000093660597c300994780d9e6fc2f1ea7a004636f7270076578616d706c6500c01803646331c018
  04434f5250000344433100001744656661756c742d46697273742d536974652d4e616d6500c03a05000000ffffffff
  300d 0202 1234 6507 0a01 00 0400 0400`)
/** Samba 4.17, captured: the answer when another domain is asked for. */
const nothing = octetsOf('300d 0202 1234 6507 0a01 00 0400 0400')
/** The same as MS-ADTS §6.3.3.3 has it: an entry without a name and without attributes stands before it. */
const emptyEntry = Uint8Array.from([...octetsOf('300a 0202 1234 6404 0400 3000'), ...nothing])

test('a ping is one search of the root, written as the server wants it', () => {
  assert.equal(
    Buffer.from(cldapPing(0x1234, { domain: 'corp.example' })).toString('hex'),
    Buffer.from(
      octetsOf(`304f 0202 1234 6349 0400 0a0100 0a0100 020100 020100 010100
        a02a a319 0409 446e73446f6d61696e 040c 636f72702e6578616d706c65
             a30d 0405 4e74566572 0404 06000000
        300a 0408 4e65746c6f676f6e`),
    ).toString('hex'),
  )
})

test('the answer of a domain controller is read out of the entry', () => {
  const answer = readCldapAnswer(samba, 0x1234)
  assert.ok(answer.kind === 'domain-controller')
  assert.deepEqual(
    [answer.domain, answer.host, answer.site],
    ['corp.example', 'dc1.corp.example', 'Default-First-Site-Name'],
  )
})

for (const { what, octets, says } of [
  { what: 'an empty end of the search is a server of another domain', octets: nothing, says: { kind: 'wrong-domain' } },
  { what: 'so is an empty entry', octets: emptyEntry, says: { kind: 'wrong-domain' } },
  {
    what: 'a refusal is its result',
    octets: octetsOf('300d 0202 1234 6507 0a01 33 0400 0400'),
    says: { kind: 'refused', result: { code: 51, name: 'busy', message: '' } },
  },
  {
    what: 'an answer to another question is not ours',
    octets: octetsOf('300d 0202 1235 6507 0a01 00 0400 0400'),
    says: { kind: 'not-ours', why: 'it carries the number of another question' },
  },
  {
    what: 'an answer to StartTLS is not ours',
    octets: octetsOf('300d 0202 1234 7807 0a01 00 0400 0400'),
    says: { kind: 'not-ours', why: 'it answers no search' },
  },
  {
    what: 'an entry without an end cannot be read',
    octets: samba.subarray(0, 121),
    says: { kind: 'unreadable', why: 'no end of the search in it' },
  },
  {
    what: 'what is no LDAP cannot be read',
    octets: octetsOf('1700 0000'),
    says: { kind: 'unreadable', why: 'no LDAP message: it begins with 0x17, not 0x30' },
  },
]) {
  test(what, () => assert.deepEqual(readCldapAnswer(octets, 0x1234), says))
}

test('a value that is none of Netlogon cannot be read', () => {
  const value = encoded(tags.set, encoded(tags.octetString, octetsOf('ffff')))
  const list = encoded(tags.sequence, encoded(tags.sequence, encoded(tags.octetString, Buffer.from('NETLOGON')), value))
  const entry = encoded(tags.application(4), encoded(tags.octetString), list)
  const octets = [...encoded(tags.sequence, encodedInteger(0x1234), entry), ...nothing]
  assert.deepEqual(readCldapAnswer(Uint8Array.from(octets), 0x1234), {
    kind: 'unreadable',
    why: 'operation code 65535 is none of an answer',
  })
})

test('any beginning and any change of an answer is read without a throw', () => {
  for (let length = 0; length < samba.length; length += 1) {
    assert.equal(readCldapAnswer(samba.subarray(0, length), 0x1234).kind, 'unreadable')
  }
  fc.assert(
    fc.property(fc.nat(samba.length - 1), fc.nat(255), (at, octet) => {
      const changed = Uint8Array.from(samba)
      changed[at] = octet
      readCldapAnswer(changed, 0x1234)
    }),
  )
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (octets) => void readCldapAnswer(octets, 0x1234)))
})
