import type { Place, StandIn } from './standIn.ts'
import { openStandIn, readMessages } from './standIn.ts'

/** What the server does with who speaks to it; all but `well` are wrong in one way. */
export const sqlServerConducts = ['well', 'another-instance', 'garbage', 'closes', 'silent'] as const
export type SqlServerConduct = (typeof sqlServerConducts)[number]

/** The server's own setting: encryption where a client wants it, for everybody, or for nobody. */
export type SqlServerEncryption = 'off' | 'on' | 'not-supported'

export interface SqlServerOptions {
  readonly conduct?: SqlServerConduct
  /** Default: off, as it is installed. */
  readonly encryption?: SqlServerEncryption
}

const packetType = { preLogin: 0x12, login: 0x10, answer: 0x04 } as const
const headerLength = 8
const endOfMessage = 1
/** A packet before login has up to 4096 octets (MS-TDS §2.2.3.1.3). */
const longestPacket = 4096

const token = { version: 0, encryption: 1, instance: 2, thread: 3, mars: 4, end: 0xff } as const
/** SQL Server 2022 as it came out: 16.0.1000, sub-build 6. */
const version = [16, 0, 1000 >> 8, 1000 & 0xff, 0, 6] as const
const encryption = { off: 0, on: 1, notSupported: 2, required: 3 } as const

/** A client's wish, and the answer of a server with each setting (MS-TDS §2.2.6.5, Encryption). */
const agreed: Readonly<Record<number, Readonly<Record<SqlServerEncryption, number>>>> = {
  [encryption.off]: { off: encryption.off, on: encryption.required, 'not-supported': encryption.notSupported },
  [encryption.on]: { off: encryption.on, on: encryption.on, 'not-supported': encryption.notSupported },
  [encryption.notSupported]: {
    off: encryption.notSupported,
    on: encryption.required,
    'not-supported': encryption.notSupported,
  },
}

/** Octets of no protocol: none is a type of packet. */
const garbage = Buffer.from(Array.from({ length: 48 }, (_, at) => 0x80 | ((at * 29 + 5) & 0x7f)))

/** SQL Server up to the login, which it refuses: the pre-login of MS-TDS §2.2.6.5. */
export function openSqlServer(place: Place, options: SqlServerOptions = {}): Promise<StandIn> {
  const { conduct = 'well', encryption: setting = 'off' } = options
  const instance = conduct === 'another-instance' ? 'ARCHIVE' : 'MSSQLSERVER'
  return openStandIn(place, (socket) => {
    switch (conduct) {
      case 'closes':
        socket.end()
        return
      case 'silent':
        socket.resume()
        return
      case 'garbage':
        socket.once('data', () => socket.end(garbage))
        return
      case 'well':
      case 'another-instance': {
        let greeted = false
        readMessages(socket, { lengthOf: lengthOfPacket, most: longestPacket }, (packet) => {
          const answer = greeted ? refusalOfLogin(packet) : answerTo(packet, setting, instance)
          if (answer !== undefined) socket.write(answer)
          if (answer === undefined || greeted) socket.end()
          greeted = true
          return !socket.writableEnded
        })
        return
      }
      default:
        return conduct satisfies never
    }
  })
}

function lengthOfPacket(octets: Buffer): number | undefined {
  // What begins with no packet of a client, or tells a length below its header's, is over with its first octets.
  const [type] = octets
  if (type !== undefined && type !== packetType.preLogin && type !== packetType.login) return 1
  return octets.length < headerLength ? undefined : Math.max(octets.readUInt16BE(2), headerLength)
}

/** The answer to a pre-login in one packet; undefined for what is none, whose connection SQL Server ends. */
function answerTo(packet: Buffer, setting: SqlServerEncryption, own: string): Buffer | undefined {
  if (packet[0] !== packetType.preLogin || packet[1] !== endOfMessage || packet.length === headerLength)
    return undefined
  const asked = optionsOf(packet.subarray(headerLength))
  if (asked === undefined) return undefined
  const wish = asked.get(token.encryption)?.[0]
  const mode = wish === undefined ? undefined : agreed[wish]?.[setting]
  const name = asked.get(token.instance)
  const isOwn = name === undefined || name.length <= 1 || nameIn(name).toUpperCase() === own
  if (wish !== undefined && mode === undefined) return undefined
  return packetOf(
    optionOctets([
      [token.version, version],
      [token.encryption, [mode ?? encryption.notSupported]],
      [token.instance, [isOwn ? 0 : 1]],
      [token.thread, []],
      [token.mars, [0]],
    ]),
  )
}

/** A name up to its zero. */
const nameIn = (octets: Buffer): string => octets.toString('latin1').replace(/\0.*$/s, '')

/** Options by their token. The version has six octets and is the first, each lies inside, and a terminator ends them. */
function optionsOf(payload: Buffer): ReadonlyMap<number, Buffer> | undefined {
  const options = new Map<number, Buffer>()
  for (let at = 0; payload[at] !== token.end; at += 5) {
    if (at + 5 > payload.length) return undefined
    const from = payload.readUInt16BE(at + 1)
    const to = from + payload.readUInt16BE(at + 3)
    if (to > payload.length) return undefined
    options.set(payload.readUInt8(at), payload.subarray(from, to))
  }
  return payload[0] === token.version && options.get(token.version)?.length === 6 ? options : undefined
}

function optionOctets(options: readonly (readonly [token: number, data: readonly number[]])[]): Buffer {
  const head: number[] = []
  const data: number[] = []
  for (const [type, octets] of options) {
    const offset = options.length * 5 + 1 + data.length
    head.push(type, offset >> 8, offset & 0xff, octets.length >> 8, octets.length & 0xff)
    data.push(...octets)
  }
  return Buffer.from([...head, token.end, ...data])
}

function packetOf(payload: Buffer): Buffer {
  const length = headerLength + payload.length
  return Buffer.concat([Buffer.of(packetType.answer, endOfMessage, length >> 8, length & 0xff, 0, 0, 1, 0), payload])
}

/** ERROR 18456 and DONE (MS-TDS §2.2.7.10 and §2.2.7.6): nobody has an account. Undefined where it is no login. */
function refusalOfLogin(packet: Buffer): Buffer | undefined {
  if (packet[0] !== packetType.login) return undefined
  const text = (words: string): Buffer => Buffer.from(words, 'utf16le')
  const number = Buffer.alloc(4)
  number.writeUInt32LE(18456)
  const message = 'Login failed.'
  const server = 'STANDIN'
  const body = Buffer.concat([
    number,
    Buffer.of(1, 14, message.length, 0),
    text(message),
    Buffer.of(server.length),
    text(server),
    // No procedure, line 1.
    Buffer.of(0, 1, 0, 0, 0),
  ])
  const done = Buffer.of(0xfd, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
  return packetOf(Buffer.concat([Buffer.of(0xaa, body.length & 0xff, body.length >> 8), body, done]))
}
