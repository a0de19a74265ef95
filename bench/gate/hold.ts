import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { cores } from './pinnedProgram.ts'

export interface HoldOrder {
  readonly port: number
  readonly count: number
  readonly caFile: string
  readonly path: string
  /** `name: value`. */
  readonly headers: readonly string[]
}

/** Connections that another process holds open. */
export interface Held {
  /** When the gate had closed the last of them, in ms since 1970. */
  closedAt(): Promise<number>
  close(): Promise<void>
}

const script = fileURLToPath(new URL('holdConnections.ts', import.meta.url))

/** Opens connections in a process of their own; rejects when one is not answered with 200 or 101. */
export async function hold(order: HoldOrder): Promise<Held> {
  const child = spawn('taskset', ['-c', cores.others, process.execPath, script, JSON.stringify(order)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exit = once(child, 'exit')
  const close = async (): Promise<void> => {
    child.kill()
    await exit
  }
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  const line = async (): Promise<readonly string[]> => {
    const { value = '' } = await lines.next()
    return String(value).split(' ')
  }
  const [word, count] = await line()
  if (word !== 'open' || Number(count) !== order.count) {
    await close()
    throw new Error(`not all of ${order.count} connections could be opened`)
  }
  return {
    async closedAt() {
      const [, , at] = await line()
      return Number(at)
    },
    close,
  }
}
