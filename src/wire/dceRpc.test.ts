import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { isNoAnswer } from './answerLength.ts'
import type { RpcAnswer } from './dceRpc.ts'
import { decodeRpcAnswer, encodeRpcBind, encodeRpcRequest, lengthOfRpcAnswer, longestRpcAnswer } from './dceRpc.ts'

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(/\s+/g, ''), 'hex'))
const samr = { name: 'samr', uuid: '12345778-1234-abcd-ef00-0123456789ac', major: 1, minor: 0 }

/** Captured from Samba 4.17 as domain controller, each the answer to a bind (call 1) or a request (call 2) of this codec. */
const samba = {
  bound: hex(`05000c03100000003c00000001000000 d016d016 1b4a0000 0600 343931353400 01000000 0000 0000
    045d888aeb1cc9119fe808002b104860 02000000`),
  unknownInterface: hex(`05000c03100000003c00000001000000 d016d016 739c0000 0400 31333500 0000 01000000 0200 0100
    00000000000000000000000000000000 00000000`),
  unknownSyntax: hex(`05000c03100000003c00000001000000 d016d016 a20f0000 0400 31333500 0000 01000000 0200 0200
    00000000000000000000000000000000 00000000`),
  /** To a request before any bind. */
  nak: hex('05000d03100000001800000002000000 0400 01 0500 000000'),
  /** To operation 99 of the endpoint mapper, which has eight; then to ept_map with 8 octets of arguments. */
  unknownOperation: hex('05000323100000002000000002000000 18000000 0000 00 00 0200011c 00000000'),
  badStub: hex('05000303100000002000000002000000 18000000 0000 00 00 f7060000 00000000'),
  /** ept_map of an interface that is not there. */
  response: hex(`05000203100000004000000002000000 28000000 0000 00 00 ${'00'.repeat(24)} 10000000 00000000 00000000
    d6a0c916`),
}

/**
 * Made by hand from C706 §12.6 and MS-RPCE: numbers with the high octet first, which Samba and Windows do not send; what
 * Windows answers where RestrictRemoteClients is 2; and a refusal of the association.
 */
const made = {
  boundBigEndian: hex(`05000c0300000000003c000000000001 16d016d0 00004a1b 0006 343931353400 01000000 0000 0000
    8a885d041ceb11c99fe808002b104860 00000002`),
  faultBigEndian: hex('05000303000000000020000000000002 00000018 0000 00 00 1c010003 00000000'),
  accessDenied: hex('05000303100000002000000002000000 20000000 0000 00 00 05000000 00000000'),
  congested: hex('05000d03100000001200000001000000 0100'),
}

const bound = {
  kind: 'bind-ack',
  accepted: true,
  result: 'acceptance',
  secondaryAddress: '49154',
  maxTransmit: 5840,
  maxReceive: 5840,
  associationGroup: 0x4a1b,
}
const rejected = { ...bound, accepted: false, result: 'provider_rejection', secondaryAddress: '135' }

test('a bind and a request are, octet by octet, those that Samba answered', () => {
  assert.deepEqual(
    encodeRpcBind(samr, 1),
    hex(`05000b03100000004800000001000000 d016d016 00000000 01000000 0000 0100
      785734123412cdabef000123456789ac 01000000 045d888aeb1cc9119fe808002b104860 02000000`),
  )
  assert.deepEqual(
    encodeRpcRequest(3, hex('aabbcc'), 0x01020304),
    hex('05000003100000001b00000004030201 03000000 0000 0300 aabbcc'),
  )
  assert.throws(() => encodeRpcRequest(3, new Uint8Array(5817), 2), RangeError)
  assert.throws(() => encodeRpcBind({ ...samr, uuid: 'samr' }, 1), RangeError)
})

for (const { what, octets, callId, says } of [
  { what: 'a bind that is taken', octets: samba.bound, callId: 1, says: bound },
  { what: 'the same with the high octets first', octets: made.boundBigEndian, callId: 1, says: bound },
  {
    what: 'a bind of an interface that is not there',
    octets: samba.unknownInterface,
    callId: 1,
    says: { ...rejected, reason: 'abstract_syntax_not_supported', associationGroup: 0x9c73 },
  },
  {
    what: 'a bind with another transfer syntax',
    octets: samba.unknownSyntax,
    callId: 1,
    says: { ...rejected, reason: 'proposed_transfer_syntaxes_not_supported', associationGroup: 0x0fa2 },
  },
  {
    what: 'a request that no bind came before',
    octets: samba.nak,
    callId: 2,
    says: { kind: 'bind-nak', reason: 'protocol_version_not_supported', versions: ['5.0'] },
  },
  {
    what: 'a bind that the server has no room for, without versions',
    octets: made.congested,
    callId: 1,
    says: { kind: 'bind-nak', reason: 'temporary_congestion', versions: [] },
  },
  {
    what: 'a refusal with more versions than there are',
    octets: hex(`05000d03100000003c00000001000000 0400 14 ${'0500'.repeat(20)} 00`),
    callId: 1,
    says: { kind: 'bind-nak', reason: 'protocol_version_not_supported', versions: Array<string>(8).fill('5.0') },
  },
  {
    what: 'an operation that is not there',
    octets: samba.unknownOperation,
    callId: 2,
    says: { kind: 'fault', status: 0x1c010002, name: 'nca_s_op_rng_error' },
  },
  {
    what: 'arguments that end too early',
    octets: samba.badStub,
    callId: 2,
    says: { kind: 'fault', status: 1783, name: 'RPC_X_BAD_STUB_DATA' },
  },
  {
    what: 'a fault with the high octets first',
    octets: made.faultBigEndian,
    callId: 2,
    says: { kind: 'fault', status: 0x1c010003, name: 'nca_s_unk_if' },
  },
  {
    what: 'a call that anonymous clients may not make',
    octets: made.accessDenied,
    callId: 2,
    says: { kind: 'fault', status: 5, name: 'ERROR_ACCESS_DENIED' },
  },
  {
    what: 'a fault without a name',
    octets: made.accessDenied.with(27, 0x9a),
    callId: 2,
    says: { kind: 'fault', status: 0x9a000005, name: '0x9a000005' },
  },
  {
    what: 'a result and a reason that nobody has described',
    octets: samba.unknownInterface.with(36, 9).with(38, 7),
    callId: 1,
    says: { ...rejected, result: 'result 9', reason: 'reason 7', associationGroup: 0x9c73 },
  },
  {
    what: 'a response',
    octets: samba.response,
    callId: 2,
    says: { kind: 'response', stub: samba.response.subarray(24), littleEndian: true },
  },
]) {
  test(`${what} is read, and its length is known from the header`, () => {
    assert.deepEqual(decodeRpcAnswer(octets, callId), says)
    assert.equal(lengthOfRpcAnswer(octets.subarray(0, 10)), octets.length)
  })
}

/** A fragment of a response, made by hand from C706 §12.6.4.10, with authentication behind it where some is given. */
function fragment(flags: number, stub: string, { padding = 0, credentials = '' } = {}): Uint8Array {
  const trailer =
    credentials === '' ? '' : `${'00'.repeat(padding)}0a05${padding.toString(16).padStart(2, '0')}0000000000`
  const length = 24 + hex(stub + trailer + credentials).length
  const octets = hex(
    `050002${`0${flags}`}10000000 0000 0000 02000000 ffffffff 0000 00 00 ${stub}${trailer}${credentials}`,
  )
  new DataView(octets.buffer).setUint16(8, length, true)
  new DataView(octets.buffer).setUint16(10, hex(credentials).length, true)
  return octets
}
const joined = (...parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(Buffer.concat(parts))

test('fragments of a response are one, whatever alloc_hint promises', () => {
  const whole = joined(fragment(1, 'aabb'), fragment(0, 'cc'), fragment(2, 'dd'))
  assert.equal(lengthOfRpcAnswer(whole), whole.length)
  assert.equal(lengthOfRpcAnswer(whole.subarray(0, 60)), undefined)
  assert.deepEqual(decodeRpcAnswer(whole, 2), { kind: 'response', stub: hex('aabbccdd'), littleEndian: true })
})

test('a fault ends a response that had begun', () => {
  const whole = joined(fragment(1, 'aabb'), samba.badStub)
  assert.equal(lengthOfRpcAnswer(whole), whole.length)
  assert.equal(decodeRpcAnswer(whole, 2).kind, 'fault')
})

test('authentication and what pads the results before it are not the results', () => {
  const signed = fragment(3, 'aabbccdd', { padding: 4, credentials: '4e544c4d53535000' })
  assert.deepEqual(decodeRpcAnswer(signed, 2), { kind: 'response', stub: hex('aabbccdd'), littleEndian: true })
})

const signed = fragment(3, 'aabbccdd', { credentials: '11223344' })

for (const { what, octets, callId = 2, kind = 'unreadable', why } of [
  { what: 'nothing', octets: new Uint8Array(), why: '0 octets, a header has 16' },
  { what: 'half a header', octets: samba.response.subarray(0, 12), why: '12 octets, a header has 16' },
  { what: 'a page', octets: Buffer.from('HTTP/1.1 400 Bad Request'), why: 'no header of DCE/RPC version 5' },
  { what: 'version 4, which goes over UDP', octets: samba.nak.with(0, 4), why: 'no header of DCE/RPC version 5' },
  { what: 'integers of a third kind', octets: samba.nak.with(4, 0x20), why: 'no header of DCE/RPC version 5' },
  { what: 'half an answer', octets: samba.response.subarray(0, 40), why: '40 octets of a fragment of 64' },
  {
    what: 'a fragment shorter than its header',
    octets: samba.nak.with(8, 15),
    why: 'a fragment of 15 octets, its header has 16',
  },
  { what: 'a bind_ack that says nothing', octets: samba.bound.with(8, 24), callId: 1, why: 'a bind_ack of 8 octets' },
  {
    what: 'a bind_ack without results',
    octets: samba.bound.with(8, 36),
    callId: 1,
    why: '20 octets of a bind_ack, results missing',
  },
  {
    what: 'a bind_ack that ends within its transfer syntax',
    octets: samba.bound.with(8, 59),
    callId: 1,
    why: '43 octets of a bind_ack, results missing',
  },
  {
    what: 'an address of 65,535 octets',
    octets: samba.bound.with(24, 255).with(25, 255),
    callId: 1,
    why: '44 octets of a bind_ack, results missing',
  },
  {
    what: 'two results for one context',
    octets: samba.bound.with(32, 2),
    callId: 1,
    why: 'a bind_ack with 2 results, asked was for one',
  },
  {
    what: 'a transfer syntax of the server',
    octets: samba.bound.with(40, 5),
    callId: 1,
    why: 'the transfer syntax 8a885d05-1ceb-11c9-9fe8-08002b104860, which was not offered',
  },
  { what: 'a bind_nak without reason', octets: samba.nak.with(8, 17), why: 'a bind_nak of 1 octets' },
  { what: 'a fault without status', octets: samba.badStub.with(8, 27), why: 'a fault of 11 octets' },
  { what: 'a response without its numbers', octets: samba.response.with(8, 23), why: 'a response of 7 octets' },
  {
    what: 'more authentication than the fragment has',
    octets: signed.with(10, 24),
    why: '24 octets of authentication in a fragment of 40',
  },
  {
    what: '65,535 octets of authentication',
    octets: signed.with(10, 255).with(11, 255),
    why: '65535 octets of authentication in a fragment of 40',
  },
  {
    what: 'more padding than results',
    octets: signed.with(30, 13),
    why: '4 octets of authentication in a fragment of 40',
  },
  { what: 'a response without its first fragment', octets: fragment(2, 'aa'), why: 'the first fragment is missing' },
  {
    what: 'two first fragments',
    octets: joined(fragment(1, 'aa'), fragment(3, 'bb')),
    why: 'a first fragment among the others',
  },
  {
    what: 'a bind_nak in the midst of a response',
    octets: joined(fragment(1, 'aa'), samba.nak),
    why: 'a packet of type 13 among the fragments of a response',
  },
  {
    what: 'a fragment of another call in the midst of a response',
    octets: joined(fragment(1, 'aa'), fragment(2, 'bb').with(12, 9)),
    why: 'call 9, asked was 2',
    kind: 'not-ours',
  },
  {
    what: 'the answer to another call',
    octets: samba.response,
    callId: 3,
    why: 'call 2, asked was 3',
    kind: 'not-ours',
  },
  {
    what: 'our own request',
    octets: encodeRpcBind(samr, 2),
    why: 'a packet of type 11, which answers nothing',
    kind: 'not-ours',
  },
]) {
  test(`${what} is no answer`, () => assert.deepEqual(decodeRpcAnswer(octets, callId), { kind, why }))
}

test('an answer that never ends is other, and so is what cannot be one', () => {
  const endless = joined(fragment(1, 'aa'), ...Array.from({ length: 70 }, () => fragment(0, 'aa')))
  const huge = fragment(1, '00'.repeat(40_000))
  assert.deepEqual(lengthOfRpcAnswer(endless), { why: 'no end within 64 fragments' })
  assert.deepEqual(lengthOfRpcAnswer(joined(huge, huge.with(3, 2))), {
    why: `an answer of more than ${longestRpcAnswer} octets`,
  })
  // A page, TLS, version 5.2, a type that is none, integers of a third kind, lengths below that of a header.
  for (const octets of [
    '48',
    '150303',
    '0502',
    '050014',
    '0500020322',
    '05000203100000000f00',
    '0500020300000000000f',
  ]) {
    assert.ok(isNoAnswer(lengthOfRpcAnswer(hex(octets))), octets)
  }
  for (const octets of [endless, joined(huge, huge.with(3, 2))]) {
    const read = decodeRpcAnswer(octets, 2)
    assert.ok(read.kind === 'unreadable' && read.why === `more than 64 fragments or ${longestRpcAnswer} octets`)
  }
})

const whole = [...Object.values(samba), ...Object.values(made), signed, joined(fragment(1, 'aabb'), fragment(2, 'cc'))]
const callOf = (octets: Uint8Array): number => Math.max(octets[12] ?? 0, octets[15] ?? 0)

/** What holds of any value that was made of octets. */
function assertBounded(read: RpcAnswer, octets: Uint8Array): void {
  if (read.kind === 'response') assert.ok(read.stub.length <= octets.length)
  if (read.kind === 'bind-nak') assert.ok(read.versions.length <= 8)
  assert.ok(read.kind === 'response' || JSON.stringify(read).length < 800)
}

test('any part of an answer is not yet one', () => {
  fc.assert(
    fc.property(fc.constantFrom(...whole), fc.nat(1000), (octets, cut) => {
      const part = octets.subarray(0, cut % octets.length)
      assert.equal(decodeRpcAnswer(part, callOf(octets)).kind, 'unreadable')
      const length = lengthOfRpcAnswer(part)
      assert.ok(length === undefined || length === octets.length, `${length}`)
    }),
  )
})

test('any octets, and any change of an answer, give a value of bounded length', () => {
  const changed = fc
    .tuple(fc.constantFrom(...whole), fc.nat(1000), fc.nat(255))
    .map(([octets, at, octet]) => octets.with(at % octets.length, octet))
  fc.assert(
    fc.property(fc.oneof(changed, fc.uint8Array({ maxLength: 200 })), fc.constantFrom(1, 2), (octets, callId) => {
      assertBounded(decodeRpcAnswer(octets, callId), octets)
      const length = lengthOfRpcAnswer(octets)
      assert.ok(typeof length !== 'number' || (length >= 16 && length <= longestRpcAnswer))
    }),
    { numRuns: 3000 },
  )
})
