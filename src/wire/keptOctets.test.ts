/** What readers of messages over TCP keep of memory: the message that they were given, and no more than its size besides. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { replies } from '../../test/serviceReplies.ts'
import { lengthOfAmqpAnswer, readAmqpAnswer } from './amqp.ts'
import type { AnswerLength } from './answerLength.ts'
import { decodeRpcAnswer, lengthOfRpcAnswer } from './dceRpc.ts'
import { decodeKerberosReply, lengthOfKerberosReply } from './kerberos.ts'
import { decodeKpasswdReply, lengthOfKpasswdReply } from './kpasswd.ts'
import { lengthOfLdapMessage, readLdapAnswer } from './ldap.ts'
import { lengthOfFramingAnswer, readFramingAnswer } from './messageFraming.ts'
import { decodeSmb2Answer, lengthOfSmb2Answer } from './smb2.ts'
import { lengthOfPreLoginAnswer, readPreLoginAnswer } from './tds.ts'
import { splitServerFrame } from './websocket.ts'

interface Row {
  /** What a sound server answers, behind what its protocol puts before every message. */
  readonly sound: Uint8Array
  readonly prefix?: number
  lengthOf(octets: Uint8Array): AnswerLength
  read(octets: Uint8Array): unknown
  /** How a message begins that says of itself that it is as long as it can say, in hexadecimal digits. */
  readonly longest: string
}

const request = Buffer.from(`05000b03${'00'.repeat(68)}`, 'hex')
const whole = (split: ReturnType<typeof splitServerFrame>): AnswerLength =>
  split.kind === 'frame' ? split.used : split.kind === 'violation' ? { why: split.why } : undefined

const rows: Readonly<Record<string, Row>> = {
  Kerberos: {
    sound: replies.kerberos(request),
    prefix: 4,
    lengthOf: lengthOfKerberosReply,
    read: (octets) => decodeKerberosReply(octets, 'CORP.EXAMPLE'),
    longest: '7fffffff7e84fffffff0',
  },
  kpasswd: {
    sound: replies.kpasswd(request),
    prefix: 4,
    lengthOf: lengthOfKpasswdReply,
    read: decodeKpasswdReply,
    longest: '7fffffffffff0001',
  },
  'DCE/RPC': {
    sound: replies.epm(request),
    lengthOf: lengthOfRpcAnswer,
    read: (octets) => decodeRpcAnswer(octets, 0),
    longest: '05000c0310000000ffff000001000000',
  },
  LDAP: {
    sound: replies.ldap(request),
    lengthOf: lengthOfLdapMessage,
    read: (octets) => readLdapAnswer(octets, 1),
    longest: '3084ffffffff0201016484fffffff0',
  },
  SMB: {
    sound: replies.smb(request),
    lengthOf: lengthOfSmb2Answer,
    read: (octets) => decodeSmb2Answer(octets, ['SMB 3.1.1']),
    longest: '00fffffffe534d4240000000',
  },
  'message framing': {
    sound: Buffer.from(
      `0838${Buffer.from('http://schemas.microsoft.com/ws/2006/05/framing/faults/X').toString('hex')}`,
      'hex',
    ),
    lengthOf: lengthOfFramingAnswer,
    read: readFramingAnswer,
    longest: '08ffffffff0f',
  },
  AMQP: {
    sound: replies.amqps(request),
    lengthOf: lengthOfAmqpAnswer,
    read: readAmqpAnswer,
    longest: '414d515003010000ffffffff02010000',
  },
  TDS: {
    sound: replies.mssql(request),
    lengthOf: lengthOfPreLoginAnswer,
    read: readPreLoginAnswer,
    longest: '0400ffff00000100',
  },
  WebSocket: {
    sound: Buffer.from('8a07706f737465726e', 'hex'),
    lengthOf: (octets) => whole(splitServerFrame(octets, 125)),
    read: (octets) => splitServerFrame(octets, 65_536),
    longest: '827fffffffffffffffff',
  },
}

/** Octets that a value keeps in memory besides the message: its texts, and arrays of its own by their whole buffers. */
function keptBesides(message: Uint8Array, value: unknown): number {
  const buffers = new Set<ArrayBufferLike>()
  let texts = 0
  const visit = (one: unknown): void => {
    if (typeof one === 'string') texts += one.length
    else if (ArrayBuffer.isView(one)) buffers.add(one.buffer)
    else if (one instanceof Map) for (const each of one) visit(each)
    else if (typeof one === 'object' && one !== null) for (const each of Object.values(one)) visit(each)
  }
  visit(value)
  buffers.delete(message.buffer)
  return texts + [...buffers].reduce((sum, { byteLength }) => sum + byteLength, 0)
}

/** A reader's own words, such as why it is none. */
const ownWords = 256

for (const [protocol, { sound, prefix = 0, lengthOf, read, longest }] of Object.entries(rows)) {
  test(`the reader of ${protocol} keeps no more than the message's size`, () => {
    // A buffer of its own: what Node takes from a pool would be counted as the pool.
    const good = Uint8Array.from(sound)
    assert.ok(typeof lengthOf(good) === 'number')
    assert.doesNotMatch(JSON.stringify(read(good.subarray(prefix))), /"why"/)
    const changed = fc
      .tuple(fc.nat(good.length - 1), fc.nat(255), fc.uint8Array({ maxLength: 3000 }))
      .map(([at, octet, more]) => {
        const message = new Uint8Array(good.length + more.length)
        message.set(good)
        message.set(more, good.length)
        message[at] = octet
        return message
      })
    fc.assert(
      fc.property(fc.oneof(fc.constant(good), changed, fc.uint8Array({ maxLength: 3000 })), (octets) => {
        const message = Uint8Array.from(octets.subarray(prefix))
        const kept = keptBesides(message, read(message))
        assert.ok(kept <= message.length + ownWords, `${kept} octets are kept of a message of ${message.length}`)
        assert.ok(keptBesides(octets, lengthOf(octets)) <= ownWords)
      }),
    )
  })

  test(`a message of ${protocol} that says to be of any length takes no memory before it is there`, () => {
    const message = Uint8Array.from(Buffer.from(longest, 'hex'))
    const before = process.memoryUsage().arrayBuffers
    const told = Array.from({ length: 64 }, () => [lengthOf(message), read(message.subarray(prefix))])
    const taken = process.memoryUsage().arrayBuffers - before
    for (const one of told) assert.ok(keptBesides(message, one) <= message.length + 2 * ownWords)
    // One buffer of what the shortest of them says would be 64 KiB, and 64 of them 4 MiB.
    assert.ok(taken < 1_048_576, `${taken} octets for 64 messages that have not come`)
  })
}
