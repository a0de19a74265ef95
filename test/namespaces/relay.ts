/**
 * Doors beside those of a domain controller, in its machine: who comes in is led to the real one, and what it answers is
 * rewritten. `relay.ts ADDRESS` says `ready` in a line once all of them are open, and ends with its input. The firewall
 * leads to them by a row's `leads`; what is asked of the controller itself does not pass here.
 */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { connect, createServer } from 'node:net'
import { relayed } from './places.ts'
import type { ValueChange } from './rewrite.ts'
import {
  asNoCatalog,
  asNotSynchronised,
  asOlderStream,
  asOlderZone,
  asRestrictedMapper,
  lengthOfDns,
  lengthOfLdap,
  lengthOfRpc,
  rewriteLdap,
} from './rewrite.ts'

const address = process.argv[2] ?? ''

interface Rewriting {
  /** The port of the controller behind the door. */
  readonly behind: number
  /** The octet that a message begins with. */
  readonly begins: number
  lengthOf(octets: Uint8Array): number | undefined
  rewrite(message: Uint8Array): Uint8Array
}

const ldapWith = (change: ValueChange, behind = 389): Rewriting => ({
  behind,
  begins: 0x30,
  lengthOf: lengthOfLdap,
  rewrite: (message) => rewriteLdap(message, change),
})

/** Messages of a zone like this one are short, so that the first octet of their length is 0. */
const names = { behind: 53, begins: 0, lengthOf: lengthOfDns } as const

/** Whole messages out of a stream, rewritten one by one; TLS, once it has been agreed on, goes by as it is. */
function pipeRewritten(from: Socket, to: Socket, { begins, lengthOf, rewrite }: Rewriting): void {
  let held = Buffer.alloc(0)
  from.on('data', (part: Buffer) => {
    held = Buffer.concat([held, part])
    if (held[0] !== begins) {
      to.write(held)
      held = Buffer.alloc(0)
    }
    for (let length = lengthOf(held); length !== undefined && length <= held.length; length = lengthOf(held)) {
      to.write(rewrite(held.subarray(0, length)))
      held = held.subarray(length)
    }
  })
  from.on('end', () => to.end(held))
}

async function openStream(port: number, rewriting: Rewriting): Promise<void> {
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const real = connect({ host: address, port: rewriting.behind, allowHalfOpen: true })
    for (const [one, other] of [
      [client, real],
      [real, client],
    ] as const) {
      one.on('error', () => other.destroy())
      one.on('close', () => other.destroy())
    }
    client.pipe(real)
    pipeRewritten(real, client, rewriting)
  })
  server.listen({ host: address, port })
  await once(server, 'listening')
}

const answersWithinMs = 5000

async function openDatagrams(port: number, { behind, rewrite }: Rewriting): Promise<void> {
  const door = createSocket('udp4')
  door.on('message', (question, { address: from, port: at }) => {
    // What has no answer is forgotten after a while.
    const real = createSocket({ type: 'udp4', signal: AbortSignal.timeout(answersWithinMs) })
    real.on('error', () => {})
    real.once('message', (answer) => {
      door.send(rewrite(answer), at, from)
      real.close()
    })
    real.send(question, behind, address)
  })
  door.bind(port, address)
  await once(door, 'listening')
}

await Promise.all([
  openStream(relayed.noCatalog, ldapWith(asNoCatalog)),
  openDatagrams(relayed.noCatalog, ldapWith(asNoCatalog)),
  openStream(relayed.catalogNotReady, ldapWith(asNoCatalog, 3268)),
  openStream(relayed.notSynchronised, ldapWith(asNotSynchronised)),
  openDatagrams(relayed.olderZone, { ...names, rewrite: asOlderZone }),
  openStream(relayed.olderZone, { ...names, rewrite: asOlderStream }),
  openStream(relayed.restrictedMapper, { behind: 135, begins: 5, lengthOf: lengthOfRpc, rewrite: asRestrictedMapper }),
])
process.stdin.on('end', () => process.exit())
process.stdin.resume()
process.stdout.write('ready\n')
