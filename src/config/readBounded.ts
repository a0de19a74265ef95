import type { FileHandle } from 'node:fs/promises'
import { constants, open, stat } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { reasonOf } from './reasonOf.ts'

/** Octets that come by themselves, such as the standard input; ended when whoever reads has enough. */
export interface Input extends AsyncIterable<Uint8Array> {
  destroy(): void
}

export interface Reading {
  /** Ends the wait for what a pipe or an input has not sent yet. */
  readonly signal?: AbortSignal
  /** A pipe, such as the shell makes of `<(command)`, is read as a file is. */
  readonly pipes?: boolean
}

export type ReadBounded = { readonly octets: Uint8Array } | { readonly tooLarge: number } | { readonly why: string }

const chunkBytes = 64 * 1024
/** How often a pipe is asked for more, and after how many times nothing comes any more: 30 seconds. */
const pauseMs = 20
const mostPauses = 1500

/** Reads no more than it may hold: a log given by mistake, or a file that grows, must not fill the memory. */
export async function readBounded(path: string, most: number, { signal, pipes }: Reading = {}): Promise<ReadBounded> {
  let handle: FileHandle | undefined
  try {
    // Before it is opened: a tape drive rewinds when it is.
    const found = await stat(path)
    const isPipe = pipes === true && found.isFIFO()
    if (found.isDirectory()) return { why: 'it is a folder' }
    if (!found.isFile() && !isPipe) return { why: 'it is a pipe or device and no file' }
    // Nothing waits inside the system, where no signal is heard: not for a writer, and not for the kernel's log, which
    // calls itself a file. Windows has no such flag, and no such files.
    handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
    const { size } = await handle.stat()
    if (size > most) return { tooLarge: size }
    const chunks: Uint8Array[] = []
    let total = 0
    let hasWriter = isHandedOver(path)
    let pauses = 0
    for (;;) {
      const read = await readChunk(handle)
      if (read === 'nothing yet' && !isPipe) return { why: 'it is a stream without an end and no file' }
      if (read === 'end' && (!isPipe || hasWriter)) return { octets: joined(chunks, total) }
      if (typeof read === 'string') {
        hasWriter ||= read === 'nothing yet'
        pauses += 1
        if (pauses > mostPauses) return { why: `nothing came from it in ${(mostPauses * pauseMs) / 1000} seconds` }
        await sleep(pauseMs, undefined, { signal })
        continue
      }
      hasWriter = true
      pauses = 0
      chunks.push(read)
      total += read.length
      if (total > most) return { tooLarge: total }
    }
  } catch (error) {
    return signal?.aborted === true ? stopped : { why: reasonOf(error) }
  } finally {
    await handle?.close()
  }
}

/**
 * Whether a path names a descriptor that this process was given: a pipe of the shell, which has a writer from its
 * beginning, and none comes later. A pipe with a name of its own is waited for: its writer may be on the way.
 */
function isHandedOver(path: string): boolean {
  return /^\/(dev\/(fd\/\d+|stdin)|proc\/(self|\d+)\/fd\/\d+)$/.test(path)
}

/** Reads an input to its end, however long that takes: the signal ends it. */
export async function readInput(input: Input, most: number, signal?: AbortSignal): Promise<ReadBounded> {
  const end = (): void => input.destroy()
  const isStopped = (): boolean => signal?.aborted === true
  signal?.addEventListener('abort', end, { once: true })
  const chunks: Uint8Array[] = []
  let total = 0
  try {
    if (isStopped()) return stopped
    for await (const chunk of input) {
      chunks.push(chunk)
      total += chunk.length
      if (total > most) return { tooLarge: total }
    }
    return isStopped() ? stopped : { octets: joined(chunks, total) }
  } catch (error) {
    return isStopped() ? stopped : { why: reasonOf(error) }
  } finally {
    signal?.removeEventListener('abort', end)
  }
}

const stopped = { why: 'stopped before all of it had come' } as const

/** What stands in a file that waits for nothing; `nothing yet` where a writer has not written. */
async function readChunk(handle: FileHandle): Promise<Uint8Array | 'end' | 'nothing yet'> {
  try {
    const { bytesRead, buffer } = await handle.read(new Uint8Array(chunkBytes), 0, chunkBytes, null)
    return bytesRead === 0 ? 'end' : buffer.subarray(0, bytesRead)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EAGAIN') return 'nothing yet'
    throw error
  }
}

function joined(chunks: readonly Uint8Array[], total: number): Uint8Array {
  const octets = new Uint8Array(total)
  let at = 0
  for (const chunk of chunks) {
    octets.set(chunk, at)
    at += chunk.length
  }
  return octets
}
