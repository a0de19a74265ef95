import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'

/** A script in the place of a program; it goes with the test. */
export interface PlayedTool {
  readonly place: string
  /** Connections by which each process of it is known to live. */
  readonly living: readonly Socket[]
  /** Resolves once so many have come. */
  came(count: number): Promise<void>
  /** Resolves once none of those that have come lives any more. */
  gone(): Promise<void>
}

/**
 * Puts a script in the place of a program.
 *
 * @param script JavaScript; `hold(then)` connects to the test, by which its process is seen to live, and goes on
 */
export async function playTool(t: TestContext, name: string, script: string): Promise<PlayedTool> {
  const folder = mkdtempSync(join(tmpdir(), 'postern-tool-'))
  const living: Socket[] = []
  const server = createServer((socket) => living.push(socket.on('error', () => {}).resume())).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  t.after(() => {
    server.close()
    rmSync(folder, { recursive: true })
  })
  const place = join(folder, name)
  const text = `#!${process.execPath}
    const hold = (then) => require('node:net').connect(${port}, '127.0.0.1', then).on('error', () => {})
    ${script}`
  writeFileSync(place, text, { mode: 0o755 })
  return {
    place,
    living,
    async came(count) {
      while (living.length < count) await once(server, 'connection')
    },
    async gone() {
      for (const socket of living) if (!socket.closed) await once(socket, 'close')
    },
  }
}
