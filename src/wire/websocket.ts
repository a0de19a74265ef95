/**
 * The client's side of WebSocket (RFC 6455) as far as a probe goes: the opening handshake, and the control frames that
 * show that both ends speak it and that end it. No extension is offered, so that no reserved bit has a meaning.
 */

/** What the server is asked for besides HTTP. */
export interface WebSocketOffer {
  /** 16 random octets in base64, fresh for every handshake (§4.1). */
  readonly key: string
  /** Subprotocols in order of preference, such as `amqp`; none: any service. */
  readonly protocols: readonly string[]
}

/** What an HTTP answer says to an opening handshake. Names of header fields are in lower case. */
export interface UpgradeAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | undefined>>
}

export type Upgrade =
  | { readonly kind: 'accepted'; readonly protocol?: string }
  /** An answer other than 101: the server, or something before it, did not switch. */
  | { readonly kind: 'not-switched'; readonly status: number }
  /** 101, and yet not the answer to this handshake: a client must fail the connection (§4.1). */
  | { readonly kind: 'not-websocket'; readonly why: string }

const nonceLength = 16
const acceptGuid = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'

/** The key of a handshake out of 16 random octets. @throws RangeError when there are not 16 */
export function webSocketKey(nonce: Uint8Array): string {
  if (nonce.length !== nonceLength) throw new RangeError(`a key is made of ${nonceLength} octets, not ${nonce.length}`)
  return base64(nonce)
}

/** Header fields of the opening handshake, in the order in which they are sent; `Host` is left to HTTP. */
export function webSocketHeaders({ key, protocols }: WebSocketOffer): Readonly<Record<string, string>> {
  return {
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Key': key,
    'Sec-WebSocket-Version': '13',
    ...(protocols.length > 0 && { 'Sec-WebSocket-Protocol': protocols.join(', ') }),
  }
}

/**
 * What a server must answer to a key (§4.2.2).
 *
 * @param sha1 the hash function of the platform, which a browser and Node have under different names
 */
export function webSocketAccept(key: string, sha1: (octets: Uint8Array) => Uint8Array): string {
  return base64(sha1(new TextEncoder().encode(key + acceptGuid)))
}

/**
 * Holds the answer to an opening handshake against what the client asked for (§4.1).
 *
 * @param accept what the key of the offer must be answered with
 */
export function judgeUpgrade({ status, headers }: UpgradeAnswer, offer: WebSocketOffer, accept: string): Upgrade {
  if (status !== 101) return { kind: 'not-switched', status }
  const protocol = headers['sec-websocket-protocol']?.trim()
  const wrong = (why: string): Upgrade => ({ kind: 'not-websocket', why })
  if (headers['upgrade']?.trim().toLowerCase() !== 'websocket') return wrong('Upgrade is not websocket')
  if (!tokens(headers['connection']).includes('upgrade')) return wrong('Connection does not name the upgrade')
  if (headers['sec-websocket-accept']?.trim() !== accept)
    return wrong('Sec-WebSocket-Accept does not belong to the key')
  if (tokens(headers['sec-websocket-extensions']).length > 0) return wrong('an extension that was not offered')
  if (protocol !== undefined && !offer.protocols.includes(protocol)) return wrong('a subprotocol that was not offered')
  return { kind: 'accepted', ...(protocol !== undefined && { protocol }) }
}

function tokens(field = ''): readonly string[] {
  return field
    .split(',')
    .map((token) => token.trim().toLowerCase())
    .filter((token) => token !== '')
}

function base64(octets: Uint8Array): string {
  return btoa(String.fromCharCode(...octets))
}

const opcodes = { 0: 'continuation', 1: 'text', 2: 'binary', 8: 'close', 9: 'ping', 10: 'pong' } as const
type ControlOpcode = 'close' | 'ping' | 'pong'
const controlNumbers: Readonly<Record<ControlOpcode, number>> = { close: 8, ping: 9, pong: 10 }

/** One frame that came. */
export interface WebSocketFrame {
  readonly final: boolean
  readonly opcode: (typeof opcodes)[keyof typeof opcodes]
  readonly payload: Uint8Array
}

/** A frame taken from the front of what arrived, with the octets it used; how many are missing; or why it is none. */
export type SplitFrame =
  | { readonly kind: 'frame'; readonly frame: WebSocketFrame; readonly used: number }
  | { readonly kind: 'incomplete'; readonly missing: number }
  | { readonly kind: 'violation'; readonly why: string }

const longestControl = 125

/**
 * Writes a control frame as a client must: whole, and masked (§5.3, §5.5).
 *
 * @param mask 4 random octets, fresh for every frame
 * @throws RangeError when the payload is longer than 125 octets, or the mask is not 4 octets long
 */
export function encodeControlFrame(opcode: ControlOpcode, payload: Uint8Array, mask: Uint8Array): Uint8Array {
  if (payload.length > longestControl) {
    throw new RangeError(`a control frame holds up to ${longestControl} octets, not ${payload.length}`)
  }
  if (mask.length !== 4) throw new RangeError(`a mask has 4 octets, not ${mask.length}`)
  return Uint8Array.from([
    0x80 | controlNumbers[opcode],
    0x80 | payload.length,
    ...mask,
    ...payload.map((octet, index) => octet ^ (mask[index % 4] ?? 0)),
  ])
}

/**
 * Takes one frame of a server from the front of what arrived so far (§5.2). Any octets give a value.
 *
 * @param longest octets of payload that are taken at most; a longer frame is a violation
 */
export function splitServerFrame(octets: Uint8Array, longest: number): SplitFrame {
  const violation = (why: string): SplitFrame => ({ kind: 'violation', why })
  const [first, second] = octets
  if (first === undefined || second === undefined) return { kind: 'incomplete', missing: 2 - octets.length }
  const number = first & 0x0f
  const opcode = isOpcode(number) ? opcodes[number] : undefined
  const final = (first & 0x80) !== 0
  const short = second & 0x7f
  if ((first & 0x70) !== 0) return violation('a reserved bit is set, and no extension was agreed on')
  if (opcode === undefined) return violation(`the opcode ${number} is reserved`)
  // A server must not mask (§5.1): what does is most often our own octets coming back.
  if ((second & 0x80) !== 0) return violation('a server frame is masked')
  const isControl = number >= 8
  if (isControl && !final) return violation(`a ${opcode} frame is in parts`)
  if (isControl && short > longestControl) return violation(`a ${opcode} frame is longer than ${longestControl} octets`)
  const lengthOctets = short === 126 ? 2 : short === 127 ? 8 : 0
  const from = 2 + lengthOctets
  if (octets.length < from) return { kind: 'incomplete', missing: from - octets.length }
  let length = lengthOctets === 0 ? short : 0
  for (const octet of octets.subarray(2, from)) length = length * 256 + octet
  if (length < (lengthOctets === 2 ? 126 : lengthOctets === 8 ? 65_536 : 0)) {
    return violation(`a length of ${length} in ${lengthOctets} octets`)
  }
  if (length > longest) return violation(`a frame of ${length} octets, taken are up to ${longest}`)
  const to = from + length
  if (octets.length < to) return { kind: 'incomplete', missing: to - octets.length }
  return { kind: 'frame', frame: { final, opcode, payload: octets.subarray(from, to) }, used: to }
}

function isOpcode(number: number): number is keyof typeof opcodes {
  return Object.hasOwn(opcodes, number)
}

/** What a Close frame says (§5.5.1): a code of §7.4, 1005 where there is none, and words for people. */
export interface WebSocketClose {
  readonly code: number
  readonly reason: string
}

const noCode = 1005

/** The payload of a Close frame. @throws RangeError when the code may not be sent (§7.4), or the reason is too long */
export function encodeClose({ code, reason }: WebSocketClose): Uint8Array {
  const words = new TextEncoder().encode(reason)
  if (!maySend(code)) throw new RangeError(`a Close frame has a code of RFC 6455 §7.4, not ${code}`)
  if (words.length > longestControl - 2) throw new RangeError(`a reason has up to ${longestControl - 2} octets`)
  return Uint8Array.from([code >> 8, code & 0xff, ...words])
}

/** Reads the payload of a Close frame; undefined where it is none (one octet, a code that nobody may send, no UTF-8). */
export function decodeClose(payload: Uint8Array): WebSocketClose | undefined {
  const [high, low] = payload
  if (high === undefined) return { code: noCode, reason: '' }
  if (low === undefined) return undefined
  const code = high * 256 + low
  if (!maySend(code)) return undefined
  try {
    return { code, reason: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(payload.subarray(2)) }
  } catch {
    return undefined
  }
}

/** 1004 to 1006 and 1015 are only ever said on one's own side; 1016 to 2999 are of no meaning yet (§7.4). */
function maySend(code: number): boolean {
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999)
}
