import { open } from 'node:fs/promises'
import { endianness } from 'node:os'
import type { HalfOpen } from '../wire/halfOpen.ts'
import { readHalfOpen } from '../wire/halfOpen.ts'

const tables = ['/proc/net/tcp', '/proc/net/tcp6'] as const
/** Some 25,000 connections a family; what stands behind that is not looked at. In octets. */
const mostOctets = 4_194_304

/**
 * Who asks this machine for a connection and does not hear its answer, as the kernel keeps it. A connection that is never
 * completed is shown to no program that listens.
 *
 * @returns undefined where the platform does not tell
 */
export async function halfOpenNow(): Promise<readonly HalfOpen[] | undefined> {
  if (process.platform !== 'linux') return undefined
  const found = await Promise.all(tables.map(tableOf))
  const told = found.filter((text) => text !== undefined)
  if (told.length === 0) return undefined
  return told.flatMap((text) => readHalfOpen(text, endianness() === 'LE'))
}

async function tableOf(path: string): Promise<string | undefined> {
  try {
    const file = await open(path)
    try {
      const parts: Buffer[] = []
      let octets = 0
      while (octets < mostOctets) {
        const { bytesRead, buffer } = await file.read(Buffer.alloc(65_536), 0, 65_536)
        if (bytesRead === 0) break
        parts.push(buffer.subarray(0, bytesRead))
        octets += bytesRead
      }
      return Buffer.concat(parts).toString('latin1')
    } finally {
      await file.close()
    }
  } catch {
    // A kernel without IPv6, or a place where /proc is not to be seen.
    return undefined
  }
}
