import { endianness } from 'node:os'
import type { HalfOpen } from '../wire/halfOpen.ts'
import { readHalfOpen } from '../wire/halfOpen.ts'
import { kernelTable } from './kernelTable.ts'

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
  const found = await Promise.all(tables.map((path) => kernelTable(path, mostOctets)))
  const told = found.filter((text) => text !== undefined)
  if (told.length === 0) return undefined
  return told.flatMap((text) => readHalfOpen(text, endianness() === 'LE'))
}
