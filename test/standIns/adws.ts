import type { Socket } from 'node:net'
import type { Place, StandIn } from './standIn.ts'
import { openStandIn, readMessages } from './standIn.ts'

/** What Active Directory Web Services does with who speaks to it; all but `well` are wrong in one way. */
export const adwsConducts = [
  'well',
  'paused',
  'slow',
  'silent',
  'closes',
  'leaves',
  'other-protocol',
  'line-feed',
] as const
export type AdwsConduct = (typeof adwsConducts)[number]

export interface AdwsOptions {
  readonly conduct?: AdwsConduct
  /** How long it waits for a client that says nothing more, in milliseconds; default: 30 s, as Windows does. */
  readonly patienceMs?: number
  /** How late the answer is of one that is slow, in milliseconds; default 1500. */
  readonly lateMs?: number
}

/** The records of a preamble (MC-NMF §2.2.1). */
const record = { version: 0, mode: 1, via: 2, knownEncoding: 3, extensibleEncoding: 4, upgradeRequest: 9 } as const
const upgradeResponse = Buffer.of(0x0a)
const duplex = 2
/** Binary with in-band dictionary (MC-NBFSE). */
const binarySession = 8

/** The most octets that .NET takes (MC-NMF appendix A, notes 11, 14 and 17); a longer one it answers with silence. */
const longest: Readonly<Record<number, number>> = {
  [record.via]: 2048,
  [record.extensibleEncoding]: 256,
  [record.upgradeRequest]: 256,
}
const longestRecord = 2051

/** The endpoints for who signs in with Windows (MS-ADDM §2.1); whatever the host is called. */
const endpoint =
  /^net\.tcp:\/\/(\[[\da-f:.%]+\]|[^/:@\s]+):\d+\/ActiveDirectoryWebServices\/Windows\/(Resource|ResourceFactory|Enumeration|AccountManagement|TopologyManagement)$/i

/** What is answered where the records cannot go on: a fault of MC-NMF §2.2.5 by its name, or nothing. */
type Refusal = { readonly fault?: string }

/** Active Directory Web Services up to the sign-in, which it never grants: the receiver of MC-NMF §3.3. */
export function openAdws(place: Place, options: AdwsOptions = {}): Promise<StandIn> {
  const { conduct = 'well', patienceMs = 30_000, lateMs = 1500 } = options
  return openStandIn(place, (socket) => {
    switch (conduct) {
      case 'closes':
        socket.end()
        return
      case 'silent':
        socket.resume()
        return
      case 'other-protocol':
        socket.once('data', () =>
          socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n'),
        )
        return
      case 'line-feed':
        // A service of lines that meets what it does not know with an empty one: it begins as an upgrade does.
        socket.once('data', () => {
          socket.write('\n')
          after(socket, 20, () => socket.write('Commands: help, status, quit.\r\n'))
        })
        return
      case 'leaves':
        socket.once('data', () => socket.end(upgradeResponse))
        return
      case 'well':
      case 'paused':
      case 'slow':
        socket.setTimeout(patienceMs, () => socket.destroy())
        receive(socket, conduct === 'paused', conduct === 'slow' ? lateMs : 0)
        return
      default:
        return conduct satisfies never
    }
  })
}

function receive(socket: Socket, paused: boolean, lateMs: number): void {
  const due: number[] = [record.version, record.mode, record.via, record.knownEncoding, record.upgradeRequest]
  readMessages(socket, { lengthOf: lengthOfRecord, most: longestRecord }, (octets) => {
    // Nothing is due behind the upgrade: what comes would begin the sign-in.
    const refusal = octets[0] === due[0] || isEncoding(octets[0], due[0]) ? refusalOf(octets) : {}
    const last = due.shift()
    const pauses = refusal === undefined && paused && last === record.knownEncoding
    const name = pauses ? 'EndpointPaused' : refusal?.fault
    if (name !== undefined) socket.write(fault(name))
    if (refusal !== undefined || pauses) {
      socket.end()
      return false
    }
    if (due.length > 0) return true
    if (lateMs === 0) socket.write(upgradeResponse)
    else after(socket, lateMs, () => socket.write(upgradeResponse))
    return true
  })
}

function isEncoding(came: number | undefined, due: number | undefined): boolean {
  return due === record.knownEncoding && came === record.extensibleEncoding
}

/** Why a record of the kind that was due is not taken; undefined: it is. */
function refusalOf(octets: Buffer): Refusal | undefined {
  const [type, first] = octets
  switch (type) {
    case record.version:
      // Appendix A, note 3: the minor version is not looked at.
      return first === 1 ? undefined : { fault: 'UnsupportedVersion' }
    case record.mode:
      return first === duplex ? undefined : { fault: 'UnsupportedMode' }
    case record.via:
      return refusalOfText(octets, (text) => endpoint.test(text), 'EndpointNotFound')
    case record.knownEncoding:
      return first === binarySession ? undefined : { fault: 'ContentTypeInvalid' }
    case record.extensibleEncoding:
      return refusalOfText(octets, () => false, 'ContentTypeInvalid')
    default:
      return refusalOfText(octets, (text) => text === 'application/negotiate', 'UpgradeInvalid')
  }
}

/** A size of 0, or one above the most, has no fault (appendix A, notes 8, 12, 15 and 18). */
function refusalOfText(octets: Buffer, isRight: (text: string) => boolean, name: string): Refusal | undefined {
  const size = sizeAt(octets)
  if (size === undefined || size.size === 0 || isTooLong(octets, size.size)) return {}
  return isRight(octets.toString('utf8', size.from)) ? undefined : { fault: name }
}

function isTooLong([type = 0]: Buffer, size: number): boolean {
  return size > (longest[type] ?? 0)
}

/** How long the record is that these begin; what is no record of a preamble counts as one of an octet, and what is too long ends with its size. */
function lengthOfRecord(octets: Buffer): number | undefined {
  switch (octets[0]) {
    case undefined:
      return undefined
    case record.version:
      return 3
    case record.mode:
    case record.knownEncoding:
      return 2
    case record.via:
    case record.extensibleEncoding:
    case record.upgradeRequest: {
      const size = sizeAt(octets)
      return size && (isTooLong(octets, size.size) ? size.from : size.from + size.size)
    }
    default:
      return 1
  }
}

/** The size behind a record's type (MC-NMF §2.2.2), of up to five octets, and where it ends. */
function sizeAt(octets: Buffer): { readonly size: number; readonly from: number } | undefined {
  let size = 0
  for (let index = 1; index <= 5; index += 1) {
    const octet = octets[index]
    if (octet === undefined) return undefined
    size += (octet & 0x7f) * 128 ** (index - 1)
    if (octet < 0x80) return { size, from: index + 1 }
  }
  return { size: Number.POSITIVE_INFINITY, from: 6 }
}

function fault(name: string): Buffer {
  const uri = Buffer.from(`http://schemas.microsoft.com/ws/2006/05/framing/faults/${name}`)
  return Buffer.concat([Buffer.of(0x08, uri.length), uri])
}

function after(socket: Socket, ms: number, act: () => void): void {
  const timer = setTimeout(act, ms)
  socket.once('close', () => clearTimeout(timer))
}
