import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { encoded, tags } from './der.ts'
import type { Smb2Dialect } from './smb2.ts'
import { decodeSmb2Answer, encodeSmb2Negotiate, lengthOfSmb2Answer, longestSmb2Answer, smb2Dialects } from './smb2.ts'

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(/\s+/g, ''), 'hex'))
/** Where in the framed octets an octet of the message is. */
const at = (offset: number): number => 4 + offset
const all: readonly Smb2Dialect[] = ['SMB 2.0.2', 'SMB 2.1', 'SMB 3.0', 'SMB 3.0.2', 'SMB 3.1.1']
const clientGuid = hex('b5bb96f84573e0ef2bceb59ade590283')
const salt = hex('4cff28bb8e0dd6845ca4f7f2a11dcb4f50c55759838b6b5a5eb46f4d48e4a300')

const header = `fe534d42 4000 0000 00000000 0000 0100 ${'00'.repeat(48)}`
const mechanisms = `605e06062b0601050502a0543052a024302206092a864882f71201020206092a864886f712010202060a2b06010401823702020a
  a32a3028a0261b246e6f745f646566696e65645f696e5f5246433431373840706c656173655f69676e6f7265`

/** Captured from Samba 4.17 as domain controller, each the answer to a question of this codec. */
const samba = {
  first: hex(`000000e0 fe534d42 4000 0000 00000000 0000 0100 01000000 ${'00'.repeat(44)}
    4100 0300 0202 0000 64633100000000000000000000000000 01000000 00000100 00000100 00000100 fa78d73de779dd01
    0000000000000000 8000 6000 00000000 ${mechanisms}`),
  third: hex(`000000e0 fe534d42 4000 0000 00000000 0000 0100 01000000 ${'00'.repeat(44)}
    4100 0300 0203 0000 64633100000000000000000000000000 47000000 00008000 00008000 00008000 f0a9e23de779dd01
    0000000000000000 8000 6000 00000000 ${mechanisms}`),
  latest: hex(`0000012c fe534d42 4000 0000 00000000 0000 0100 01000000 ${'00'.repeat(44)}
    4100 0300 1103 0300 64633100000000000000000000000000 07000000 00008000 00008000 00008000 c220ef3de779dd01
    0000000000000000 8000 6000 e0000000 ${mechanisms}
    0100 2600 00000000 0100 2000 0100 52e50f1348b1fefef9a9063ad5e2eaa66b8691bf64c81e04814b2493e83ab862 0000
    0200 0400 00000000 0100 0200 00000000 0800 0400 00000000 0100 0200`),
  /** To a dialect that nobody speaks; then to an unknown hash. */
  noDialect: hex(`00000049 fe534d42 4000 0000 bb0000c0 0000 0100 01000000 ${'00'.repeat(44)} 0900000000000000 00`),
  noHash: hex(`00000049 fe534d42 4000 0000 00005dc0 0000 0100 01000000 ${'00'.repeat(44)} 0900000000000000 00`),
}
const found = {
  kind: 'negotiated',
  signing: 'required',
  serverGuid: '00316364-0000-0000-0000-000000000000',
  mechanisms: ['MS-Kerberos', 'Kerberos', 'NTLMSSP'],
}
const large = { maxTransact: 8_388_608, maxRead: 8_388_608, maxWrite: 8_388_608 }

test('a question in all dialects is, octet by octet, the one that Samba answered', () => {
  assert.deepEqual(
    encodeSmb2Negotiate({ dialects: all, clientGuid, salt }),
    hex(`000000c8 ${header} 2400 0500 0100 0000 40000000 b5bb96f84573e0ef2bceb59ade590283 70000000 0300 0000
      0202 1002 0003 0203 1103 0000 0100 2600 00000000 0100 2000 0100
      4cff28bb8e0dd6845ca4f7f2a11dcb4f50c55759838b6b5a5eb46f4d48e4a300 0000
      0200 0a00 00000000 0400 0200 0100 0400 0300 000000000000 0800 0800 00000000 0300 0200 0100 0000`),
  )
})

test('without SMB 3 there are no capabilities, and without SMB 3.1.1 no contexts', () => {
  const ends = (...dialects: readonly Smb2Dialect[]): string =>
    Buffer.from(encodeSmb2Negotiate({ dialects, clientGuid, salt }).subarray(68)).toString('hex')
  const guid = Buffer.from(clientGuid).toString('hex')
  assert.equal(ends('SMB 2.0.2', 'SMB 2.1'), `240002000100000000000000${guid}000000000000000002021002`)
  assert.equal(ends('SMB 3.0.2'), `240001000100000040000000${guid}00000000000000000203`)
})

test('what does not fit is misuse', () => {
  for (const wrong of [{ dialects: [] }, { clientGuid: salt }, { salt: clientGuid }]) {
    assert.throws(() => encodeSmb2Negotiate({ dialects: all, clientGuid, salt, ...wrong }), RangeError)
  }
})

for (const { what, octets, says } of [
  {
    what: 'SMB 2.0.2',
    octets: samba.first,
    says: {
      ...found,
      dialect: 'SMB 2.0.2',
      capabilities: ['DFS'],
      maxTransact: 65_536,
      maxRead: 65_536,
      maxWrite: 65_536,
      systemTime: 1_795_286_197_292,
    },
  },
  {
    what: 'SMB 3.0.2',
    octets: samba.third,
    says: {
      ...found,
      dialect: 'SMB 3.0.2',
      capabilities: ['DFS', 'leasing', 'large MTU', 'encryption'],
      ...large,
      systemTime: 1_795_286_197_365,
    },
  },
  {
    what: 'SMB 3.1.1',
    octets: samba.latest,
    says: {
      ...found,
      dialect: 'SMB 3.1.1',
      capabilities: ['DFS', 'leasing', 'large MTU'],
      ...large,
      systemTime: 1_795_286_197_447,
      cipher: 'AES-128-GCM',
      signingAlgorithm: 'AES-GMAC',
    },
  },
  {
    what: 'no dialect in common',
    octets: samba.noDialect,
    says: { kind: 'refused', status: 0xc00000bb, name: 'STATUS_NOT_SUPPORTED' },
  },
  {
    what: 'no hash in common',
    octets: samba.noHash,
    says: { kind: 'refused', status: 0xc05d0000, name: 'STATUS_SMB_NO_PREAUTH_INTEGRITY_HASH_OVERLAP' },
  },
  {
    what: 'a status without a name',
    octets: samba.noHash.with(12, 0x77),
    says: { kind: 'refused', status: 0xc05d0077, name: '0xc05d0077' },
  },
]) {
  test(`an answer of ${what} is read`, () => {
    assert.equal(lengthOfSmb2Answer(octets.subarray(0, 4)), octets.length)
    assert.deepEqual(decodeSmb2Answer(octets, all), says)
  })
}

/** A response made by hand from MS-SMB2 §2.2.4, as Windows Server fills it: signing not required, NEGOEX offered, a GUID of its own. */
function windows({
  mode = '0100',
  time = '0040ee158278dd01',
  started = '00'.repeat(8),
  buffer = offer,
} = {}): Uint8Array {
  const length = Buffer.from([buffer.length, 0]).toString('hex')
  const contextsAt = Math.ceil((128 + buffer.length) / 8) * 8
  const message = hex(`fe534d42 4000 0000 00000000 0000 0100 01000000 ${'00'.repeat(44)}
    4100 ${mode} 1103 0200 8e3a0dc1547be64f9a1203d45e6f7a8b 2f000000 00008000 00008000 00008000 ${time} ${started}
    8000 ${length} ${Buffer.from([contextsAt, 0, 0, 0]).toString('hex')} ${Buffer.from(buffer).toString('hex')}
    ${'00'.repeat(contextsAt - 128 - buffer.length)}
    0100 2600 00000000 0100 2000 0100 ${'5a'.repeat(32)} 0000 0200 0400 00000000 0100 0400`)
  return Uint8Array.from([0, 0, message.length >> 8, message.length & 255, ...message])
}
const identifiers = [
  '2b06010401823702021e',
  '2a864882f712010202',
  '2a864886f712010202',
  '2a864886f71201020203',
  '2b06010401823702020a',
]
const types = encoded(tags.sequence, ...identifiers.map((each) => encoded(tags.objectIdentifier, hex(each))))
const token = encoded(tags.context(0), encoded(tags.sequence, encoded(tags.context(0), types)))
const offer = encoded(0x60, hex('06062b0601050502'), token)

test('a server as Windows is tells its GUID, how one may sign in, and that signing is not required', () => {
  assert.deepEqual(decodeSmb2Answer(windows(), all), {
    kind: 'negotiated',
    dialect: 'SMB 3.1.1',
    signing: 'enabled',
    serverGuid: 'c10d3a8e-7b54-4fe6-9a12-03d45e6f7a8b',
    capabilities: ['DFS', 'leasing', 'large MTU', 'multichannel', 'directory leasing'],
    ...large,
    systemTime: Date.UTC(2026, 10, 20),
    mechanisms: ['NEGOEX', 'MS-Kerberos', 'Kerberos', 'Kerberos user-to-user', 'NTLMSSP'],
    cipher: 'AES-256-GCM',
  })
})

for (const { what, change, says } of [
  { what: 'no signing', change: { mode: '0000' }, says: { signing: 'off' } },
  { what: 'no clock', change: { time: '00'.repeat(8) }, says: { systemTime: undefined } },
  { what: 'the time of its start', change: { started: '00c08976453cda01' }, says: { startTime: Date.UTC(2024, 0, 1) } },
  { what: 'no word on signing in', change: { buffer: new Uint8Array() }, says: { mechanisms: [] } },
  { what: 'NTLM without SPNEGO', change: { buffer: Buffer.from('NTLMSSP\0') }, says: { mechanisms: [] } },
]) {
  test(`a server with ${what} is read so`, () => {
    const read = decodeSmb2Answer(windows(change), all)
    assert.ok(read.kind === 'negotiated')
    assert.partialDeepStrictEqual({ systemTime: undefined, ...read }, says)
  })
}

test('a context that runs past the end, or chooses two of what one was asked of, is left out', () => {
  const read = decodeSmb2Answer(samba.latest.with(at(280), 2).with(at(290), 5), all)
  assert.ok(read.kind === 'negotiated')
  assert.deepEqual([read.cipher, read.signingAlgorithm], [undefined, undefined])
})

test('a server that speaks SMB 1 only is known by its first octets', () => {
  // SMB_COM_NEGOTIATE with no dialect chosen, made by hand from MS-CIFS §2.2.4.52.2.
  const octets = hex(`00000025 ff534d42 72 00000000 98 01c8 ${'00'.repeat(20)} 01 ffff 0000`)
  assert.equal(lengthOfSmb2Answer(octets), 41)
  assert.deepEqual(decodeSmb2Answer(octets, all), { kind: 'smb1' })
})

for (const { what, octets, offered = all, kind = 'unreadable', why } of [
  { what: 'nothing', octets: new Uint8Array(), why: '0 octets of an SMB message' },
  {
    what: 'a page',
    octets: Buffer.from('HTTP/1.1 400 Bad Request'),
    why: 'no SMB message: begins with 0x48, not 0x00',
  },
  { what: 'half an answer', octets: samba.first.subarray(0, 100), why: '100 octets of an SMB message' },
  { what: 'less than a header', octets: samba.first.with(3, 63), why: '63 octets, a header has 64' },
  {
    what: 'an encrypted message',
    octets: samba.first.with(4, 0xfd),
    why: 'an encrypted or compressed message, before either was agreed on',
  },
  { what: 'a header of another size', octets: samba.first.with(at(4), 65), why: 'a header of another size' },
  {
    what: 'the answer to another command',
    octets: samba.first.with(at(12), 1),
    kind: 'not-ours',
    why: 'the answer to another command',
  },
  {
    what: 'the answer to another message',
    octets: samba.first.with(at(24), 1),
    kind: 'not-ours',
    why: 'the answer to another message',
  },
  {
    what: 'our own question',
    octets: encodeSmb2Negotiate({ dialects: all, clientGuid, salt }),
    kind: 'not-ours',
    why: 'a request',
  },
  { what: 'less than a response', octets: samba.first.with(3, 127), why: 'a response of 63 octets, it has 64' },
  { what: 'a response of another size', octets: samba.first.with(at(64), 9), why: 'a response of size 9, it has 65' },
  {
    what: 'a dialect that was not offered',
    octets: samba.first,
    offered: ['SMB 3.1.1' as const],
    why: 'the dialect 0x0202 was not offered',
  },
  {
    what: 'a security buffer past the end',
    octets: samba.first.with(at(122), 97),
    why: 'a security buffer up to 225 of 224 octets',
  },
  {
    what: 'a security buffer of 65,535 octets',
    octets: samba.first.with(at(122), 255).with(at(123), 255),
    why: 'a security buffer up to 65663 of 224 octets',
  },
  {
    what: 'SMB 3.1.1 without contexts',
    octets: samba.latest.with(at(70), 0),
    why: 'SMB 3.1.1 without its context for integrity',
  },
  {
    what: 'contexts 4 GiB away',
    octets: Uint8Array.from(samba.latest).fill(255, at(124), at(128)),
    why: 'SMB 3.1.1 without its context for integrity',
  },
  {
    what: 'contexts inside the header',
    octets: samba.latest.with(at(124), 0),
    why: 'SMB 3.1.1 without its context for integrity',
  },
]) {
  test(`${what} is ${kind}`, () => assert.deepEqual(decodeSmb2Answer(octets, offered), { kind, why }))
}

test('what is of NetBIOS, too long, too short or not SMB is other at once', () => {
  for (const [octets, why] of [
    ['83', 'begins with 0x83, not 0x00'],
    ['82000000', 'begins with 0x82, not 0x00'],
    ['0001', 'the length is over 65532'],
    ['00ffffff', 'the length 16777215 is over 65532'],
    ['0000ffff', 'the length 65535 is over 65532'],
    ['00000022', 'the length 34 is too short for an SMB message'],
    ['0000004048', 'no SMB behind the length'],
    ['00000040fb', 'no SMB behind the length'],
    ['00000040fe53ff', 'no SMB behind the length'],
  ] as const) {
    assert.deepEqual(lengthOfSmb2Answer(hex(octets)), { why }, octets)
  }
})

const whole = [...Object.values(samba), windows()]

test('any part of an answer is not yet one', () => {
  fc.assert(
    fc.property(fc.constantFrom(...whole), fc.nat(1000), (octets, cut) => {
      const part = octets.subarray(0, cut % octets.length)
      assert.equal(lengthOfSmb2Answer(part), part.length < 4 ? undefined : octets.length)
      assert.equal(decodeSmb2Answer(part, all).kind, 'unreadable')
    }),
  )
})

test('any octets, and any change of an answer, give a value of bounded length', () => {
  const changed = fc
    .tuple(fc.constantFrom(...whole), fc.nat(1000), fc.uint8Array({ minLength: 1, maxLength: 4 }))
    .map(([octets, at, put]) => {
      const copy = Uint8Array.from(octets)
      copy.set(put, at % (octets.length - put.length))
      return copy
    })
  const framed = fc.uint8Array({ minLength: 64, maxLength: 200 }).map((body) => {
    const message = Uint8Array.from([...samba.first.subarray(4, 68), ...body])
    return Uint8Array.from([0, 0, 0, message.length, ...message])
  })
  fc.assert(
    fc.property(fc.oneof(changed, framed, fc.uint8Array({ maxLength: 200 })), (octets) => {
      const read = decodeSmb2Answer(octets, all)
      assert.ok(JSON.stringify(read).length < 2500)
      const length = lengthOfSmb2Answer(octets)
      assert.ok(typeof length !== 'number' || (length >= 39 && length <= longestSmb2Answer))
    }),
    { numRuns: 3000 },
  )
})

test('any set of dialects has a question whose dialects and contexts stand where it says', () => {
  fc.assert(
    fc.property(fc.subarray([...all], { minLength: 1 }), (dialects) => {
      const octets = encodeSmb2Negotiate({ dialects, clientGuid, salt })
      const view = new DataView(octets.buffer)
      assert.equal(view.getUint32(0), octets.length - 4)
      const offered = Array.from({ length: view.getUint16(at(66), true) }, (_, n) =>
        view.getUint16(at(100 + 2 * n), true),
      )
      assert.deepEqual(
        offered,
        dialects.map((name) => smb2Dialects[name]),
      )
      let from = view.getUint32(at(92), true)
      const kinds: number[] = []
      for (let n = 0; n < view.getUint16(at(96), true); n += 1) {
        assert.equal(from % 8, 0)
        kinds.push(view.getUint16(at(from), true))
        from = Math.ceil((from + 8 + view.getUint16(at(from + 2), true)) / 8) * 8
      }
      assert.deepEqual(kinds, dialects.includes('SMB 3.1.1') ? [1, 2, 8] : [])
    }),
  )
})
