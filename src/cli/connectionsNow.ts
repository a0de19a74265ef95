import { execFile } from 'node:child_process'
import { endianness } from 'node:os'
import { promisify } from 'node:util'
import { dynamicPortsIn, localPortsIn } from '../machine/localPorts.ts'
import type { PeerCount, SocketRow } from '../wire/socketTable.ts'
import { countByPeer, readNetstat, readSocketTable } from '../wire/socketTable.ts'
import { kernelTable } from './kernelTable.ts'

const tables = ['/proc/net/tcp', '/proc/net/tcp6'] as const
const rangeFile = '/proc/sys/net/ipv4/ip_local_port_range'
/** A line of a socket is some 150 octets: as many as a machine has ports, several times over. */
const mostOctets = 67_108_864
/** A program that lists sockets and has not done so by then is ended; in milliseconds. */
const longestMs = 20_000

/**
 * Connections of this machine by the place at their other end, as the kernel counts them.
 *
 * @returns undefined where the platform does not tell
 */
export async function connectionsNow(signal: AbortSignal): Promise<readonly PeerCount[] | undefined> {
  const rows = process.platform === 'linux' ? await rowsOfLinux() : await rowsOfNetstat(signal)
  return rows === undefined ? undefined : countByPeer(rows)
}

async function rowsOfLinux(): Promise<readonly SocketRow[] | undefined> {
  const found = await Promise.all(tables.map((path) => kernelTable(path, mostOctets / tables.length)))
  const told = found.filter((text) => text !== undefined)
  return told.length === 0 ? undefined : told.flatMap((text) => readSocketTable(text, endianness() === 'LE'))
}

async function rowsOfNetstat(signal: AbortSignal): Promise<readonly SocketRow[] | undefined> {
  const text = await outputOf('netstat', ['-an'], signal)
  return text === undefined ? undefined : readNetstat(text)
}

/**
 * How many ports this machine has to dial one place from: more connections to it cannot be.
 *
 * @returns undefined where the platform does not tell
 */
export async function localPortCount(signal: AbortSignal): Promise<number | undefined> {
  switch (process.platform) {
    case 'linux':
      return localPortsIn(await kernelTable(rangeFile, 1024))?.count
    case 'win32':
      return dynamicPortsIn(
        (await outputOf('netsh', ['interface', 'ipv4', 'show', 'dynamicport', 'tcp'], signal)) ?? '',
      )?.count
    default:
      return undefined
  }
}

/** Nothing of a program that is not there, takes too long or says too much. */
async function outputOf(program: string, words: readonly string[], signal: AbortSignal): Promise<string | undefined> {
  try {
    const options = {
      maxBuffer: mostOctets,
      timeout: longestMs,
      windowsHide: true,
      signal,
      encoding: 'latin1',
    } as const
    return (await promisify(execFile)(program, [...words], options)).stdout
  } catch {
    return undefined
  }
}
