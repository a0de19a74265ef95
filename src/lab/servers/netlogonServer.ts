import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { encoded, encodedInteger, tags } from '../../wire/der.ts'
import { labDirectorySite, labDomain, loopback } from './zone.ts'

/** What answers Netlogon pings over CLDAP for the lab's domain controller (MS-ADTS §6.3.3). */
export interface NetlogonServer {
  readonly address: string
  readonly port: number
  /** Puts whoever asks in another site from now on; returns what undoes it. */
  move(clientSite: string): () => void
  close(): Promise<void>
}

/** A ping is shorter; of what is longer nothing is read. */
const longestRequest = 512
const responseEx = 23
/** Global catalog, LDAP, directory service, KDC, time service, closest, writable, web services (MS-ADTS §6.3.1.2). */
const roles = 0x4 | 0x8 | 0x10 | 0x20 | 0x40 | 0x80 | 0x100 | 0x2000

export async function openNetlogonServer(): Promise<NetlogonServer> {
  let clientSite = labDirectorySite
  const socket: Socket = createSocket('udp4', (request, from) => {
    const number = numberOf(request)
    // Who has gone meanwhile needs no answer.
    if (number !== undefined) socket.send(answer(number, clientSite), from.port, from.address, () => {})
  })
  try {
    socket.bind(0, loopback)
    await once(socket, 'listening')
  } catch (error) {
    socket.close()
    throw error
  }
  return {
    address: loopback,
    port: socket.address().port,
    move(site) {
      clientSite = site
      return () => {
        clientSite = labDirectorySite
      }
    },
    async close() {
      const closed = once(socket, 'close')
      socket.close()
      await closed
    },
  }
}

/** The number of an LDAP message whose length is one octet (RFC 4511 §4.1.1); undefined for what is none. */
function numberOf(request: Buffer): number | undefined {
  const [sequence, length = 0, integer, octets = 0] = request
  if (request.length > longestRequest || sequence !== tags.sequence || integer !== tags.integer) return undefined
  if (length !== request.length - 2 || octets < 1 || octets > 4 || request.length < 4 + octets) return undefined
  return request.readIntBE(4, octets)
}

function answer(number: number, clientSite: string): Buffer {
  const told = encoded(
    tags.sequence,
    text('Netlogon'),
    encoded(tags.set, encoded(tags.octetString, logonResponse(clientSite))),
  )
  const entry = encoded(tags.application(4), text(''), encoded(tags.sequence, told))
  const done = encoded(tags.application(5), encoded(tags.enumerated, Uint8Array.of(0)), text(''), text(''))
  return Buffer.concat([entry, done].map((part) => encoded(tags.sequence, encodedInteger(number), part)))
}

/** NETLOGON_SAM_LOGON_RESPONSE_EX, its names written out (MS-ADTS §6.3.1.9). */
function logonResponse(clientSite: string): Buffer {
  const head = Buffer.alloc(24)
  head.writeUInt16LE(responseEx, 0)
  head.writeUInt32LE(roles, 4)
  const names = [labDomain, labDomain, `dc01.${labDomain}`, 'CORP', 'DC01', '', labDirectorySite, clientSite]
  const version = Buffer.from('05000000ffffffff', 'hex')
  return Buffer.concat([head, ...names.map(nameOctets), version])
}

/** Labels and the empty one at the end (RFC 1035 §3.1). */
function nameOctets(name: string): Buffer {
  const labels = name === '' ? [] : name.split('.')
  return Buffer.concat([...labels, ''].map((label) => Buffer.from([label.length, ...Buffer.from(label, 'latin1')])))
}

function text(words: string): Uint8Array {
  return encoded(tags.octetString, Buffer.from(words))
}
