/** Doors of hosts on loopback that are opened and shut, as a site that is watched. */
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import type { Server, Socket } from 'node:net'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'

/**
 * Where a whole network is loopback, each host has an address in a network of its own. What waits for a word that is never
 * said comes to an end, too.
 */
export const manyHosts = { skip: process.platform !== 'linux' && 'loopback is one address here', timeout: 150_000 }

export interface Door {
  /** Its host in the site file. */
  readonly host: string
  readonly isOpen: boolean
  open(): Promise<void>
  shut(): Promise<void>
}

export interface Doors {
  /** With the site file in it; the history comes to lie there. */
  readonly folder: string
  readonly site: string
  readonly doors: readonly Door[]
  /** Writes the site file anew. */
  write(settings: string): Promise<void>
}

/** @param settings lines under `watch:` */
export async function openDoors(t: TestContext, count: number, settings: string): Promise<Doors> {
  const folder = mkdtempSync(join(tmpdir(), 'postern-doors-'))
  const doors = await Promise.all(Array.from({ length: count }, (_, index) => openDoor(t, index + 1)))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const site = join(folder, 'postern.yaml')
  const write = (more: string): Promise<void> => writeFile(site, `${siteText(doors)}watch:\n${more}`)
  await write(settings)
  return { folder, site, doors, write }
}

interface PlacedDoor extends Door {
  readonly address: string
  readonly port: number
}

async function openDoor(t: TestContext, number: number): Promise<PlacedDoor> {
  const address = `127.20.${number}.1`
  let server: Server | undefined
  let port = 0
  const sockets = new Set<Socket>()
  const shut = async (): Promise<void> => {
    const before = server
    server = undefined
    if (before === undefined) return
    before.close()
    for (const socket of sockets) socket.destroy()
    await once(before, 'close')
  }
  const open = async (): Promise<void> => {
    if (server !== undefined) return
    server = createServer((socket) => {
      sockets.add(socket)
      // It waits for its client to speak, and ends with it.
      socket
        .on('error', () => {})
        .on('close', () => sockets.delete(socket))
        .resume()
    }).listen(port, address)
    await once(server, 'listening')
    const place = server.address()
    if (typeof place === 'object' && place !== null) port = place.port
  }
  await open()
  t.after(shut)
  return {
    host: `host${number}`,
    address,
    get port() {
      return port
    },
    get isOpen() {
      return server !== undefined
    },
    open,
    shut,
  }
}

function siteText(doors: readonly PlacedDoor[]): string {
  return `site: doors
domain: corp.example
hosts:
  here: { roles: [domain-member], addresses: [127.0.0.1] }
${doors.map(({ host, address }) => `  ${host}: { roles: [published-app], addresses: [${address}] }\n`).join('')}# A row of the catalog asks that a port there is closed: here it is.
names: { login.microsoftonline.com: 127.20.0.1 }
flows:
${doors.map(({ host, port }) => `  - { id: door-${host}, from: here, to: ${host}, ports: [${port}], transport: [tcp], service: tcp }\n`).join('')}`
}
