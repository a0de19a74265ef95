import type { Messages } from './standIn.ts'

/** The headers that open AMQP (OASIS AMQP 1.0 part 2 §2.2, part 5 §5.3.2; AMQP 0-9-1 §4.2.2). */
export const header = {
  sasl: Buffer.from('AMQP\x03\x01\x00\x00', 'latin1'),
  amqp: Buffer.from('AMQP\x00\x01\x00\x00', 'latin1'),
  before: Buffer.from('AMQP\x00\x00\x09\x01', 'latin1'),
} as const

/** What comes of a message: what is said to it, and whether the conversation is over then. */
export interface Reply {
  readonly say: Buffer
  readonly over: boolean
}

/** One conversation in AMQP, which begins when a client has connected and ends at the latest with its sign-in. */
export interface AmqpTalk extends Messages {
  hear(message: Buffer): Reply
}

/** MIN-MAX-FRAME-SIZE, which no frame of SASL exceeds (part 5 §5.3.1). */
const longestFrame = 512

/** The ways to sign in that Azure Service Bus lists, in its order. */
const mechanisms = ['MSSBCBS', 'PLAIN', 'ANONYMOUS', 'EXTERNAL'] as const

/**
 * Azure Service Bus: the header of SASL is said back with the mechanisms, another one is met with the one that is wanted
 * (part 2 §2.2), and no account is known.
 */
export function serviceBusTalk(): AmqpTalk {
  let greeted = false
  return {
    most: longestFrame,
    lengthOf: (octets) => {
      if (!greeted) return begins(octets, header.sasl) ? 8 : 1
      return octets.length < 4 ? undefined : Math.max(octets.readUInt32BE(0), 4)
    },
    hear: (message) => {
      if (greeted) return { say: isInit(message) ? outcome(1) : Buffer.alloc(0), over: true }
      greeted = true
      if (!message.equals(header.sasl)) return { say: header.sasl, over: true }
      return { say: Buffer.concat([header.sasl, saslMechanisms(mechanisms)]), over: false }
    },
  }
}

/** Whether octets are a beginning of others, or begin with them. */
function begins(octets: Buffer, whole: Buffer): boolean {
  const common = Math.min(octets.length, whole.length)
  return octets.subarray(0, common).equals(whole.subarray(0, common))
}

/** A frame of SASL with sasl-init in it (part 5 §5.3.3.2). */
function isInit(frame: Buffer): boolean {
  return frame.length > 11 && frame[4] === 2 && frame[5] === 1 && frame.subarray(8, 11).equals(Buffer.of(0, 0x53, 0x41))
}

/** A frame of SASL: its size, its body behind two words, its type (part 2 §2.3.1). */
function frame(body: Buffer): Buffer {
  const head = Buffer.of(0, 0, 0, 0, 2, 1, 0, 0)
  head.writeUInt32BE(head.length + body.length)
  return Buffer.concat([head, body])
}

/** sasl-mechanisms (part 5 §5.3.3.1), laid out as Service Bus does: an array of symbols with sizes of four octets. */
function saslMechanisms(names: readonly string[]): Buffer {
  const symbols = names.map((name) => {
    const size = Buffer.alloc(4)
    size.writeUInt32BE(name.length)
    return Buffer.concat([size, Buffer.from(name)])
  })
  const items = Buffer.concat([Buffer.of(names.length, 0xb3), ...symbols])
  const array = Buffer.concat([Buffer.of(0xe0, items.length), items])
  return frame(Buffer.concat([Buffer.of(0, 0x53, 0x40, 0xc0, array.length + 1, 1), array]))
}

/** sasl-outcome (part 5 §5.3.3.6); 1: the sign-in is refused. */
function outcome(code: number): Buffer {
  return frame(Buffer.of(0, 0x53, 0x44, 0xc0, 3, 1, 0x50, code))
}
