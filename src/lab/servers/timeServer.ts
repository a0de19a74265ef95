import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'

/** What a time server does with a request. */
export type TimeConduct =
  /** The time of the lab's clock, or of one that is away from it, at the second stratum unless it follows nothing. */
  | { readonly does: 'tell'; readonly awayMs?: number; readonly follows?: 'nothing' }
  /** No time, and a word of four letters why (RFC 5905 §7.4). */
  | { readonly does: 'refuse'; readonly code: 'DENY' | 'RATE' }
  | { readonly does: 'stay-silent' }

/** A time server of the small network: NTP over UDP (RFC 5905). */
export interface TimeServer {
  readonly address: string
  readonly port: number
  /** Answers in another way from now on; returns what undoes it. */
  conduct(conduct: TimeConduct): () => void
  close(): Promise<void>
}

const leapUnknown = 3
const server = 4
const secondsSince1900 = 2_208_988_800

export async function openTimeServer(
  place: { readonly address: string; readonly port: number },
  clock: () => number,
): Promise<TimeServer> {
  let present: TimeConduct = { does: 'tell' }
  const socket: Socket = createSocket('udp4', (request, from) => {
    const answer = answerTo(request, present, clock())
    // Who has gone meanwhile needs no answer.
    if (answer !== undefined) socket.send(answer, from.port, from.address, () => {})
  })
  try {
    socket.bind(place.port, place.address)
    await once(socket, 'listening')
  } catch (error) {
    socket.close()
    throw error
  }
  return {
    address: place.address,
    port: socket.address().port,
    conduct(conduct) {
      const before = present
      present = conduct
      return () => {
        present = before
      }
    },
    async close() {
      const closed = once(socket, 'close')
      socket.close()
      await closed
    },
  }
}

/** The octets of an answer in their order (RFC 5905 §7.3); undefined for none. */
function answerTo(request: Buffer, conduct: TimeConduct, now: number): Buffer | undefined {
  if (request.length < 48 || conduct.does === 'stay-silent') return undefined
  const answer = Buffer.alloc(48)
  const refusal = conduct.does === 'refuse' ? conduct.code : undefined
  const lost = conduct.does === 'tell' && conduct.follows === 'nothing'
  answer[0] = ((lost || refusal !== undefined ? leapUnknown : 0) << 6) | ((request[0] ?? 0) & 0x38) | server
  answer[1] = refusal !== undefined ? 0 : lost ? 16 : 2
  answer[2] = request[2] ?? 0
  // Two to the power of -20: a clock that is read to a microsecond.
  answer[3] = 0xec
  if (refusal !== undefined) answer.write(refusal, 12, 'latin1')
  else if (!lost) answer.set([198, 51, 100, 1], 12)
  request.copy(answer, 24, 40, 48)
  const away = conduct.does === 'tell' ? (conduct.awayMs ?? 0) : 0
  for (const at of [16, 32, 40]) writeTime(answer, at, now + away)
  return answer
}

function writeTime(octets: Buffer, at: number, unixMs: number): void {
  const seconds = Math.floor(unixMs / 1000)
  octets.writeUInt32BE((seconds + secondsSince1900) % 2 ** 32, at)
  octets.writeUInt32BE(Math.floor(((unixMs / 1000 - seconds) * 2 ** 32) % 2 ** 32), at + 4)
}
