import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { listens } from '../../test/freePorts.ts'
import { processCost } from '../processCost.ts'

/** Gateways have the first core to themselves; whoever asks them and whatever is behind them share the second. */
export const cores = { gateway: '0', others: '1' } as const

/** A program with all that it starts, on one core. */
export interface PinnedProgram {
  readonly pid: number
  /** Processor time of all its processes that live, in ms. */
  cpuMs(): number
  /** Resident memory of its first process, in MiB. */
  memoryMib(): number
  close(): Promise<void>
}

const readyMs = 20_000

/** Starts a program that stays in the foreground, and waits until it listens at a port of 127.0.0.1. */
export async function startPinned(
  core: string,
  command: readonly [program: string, ...args: string[]],
  port: number,
): Promise<PinnedProgram> {
  const child = spawn('taskset', ['-c', core, ...command], { stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.on('data', (part: Buffer) => {
    said = `${said}${part.toString()}`.slice(-2000)
  })
  await once(child, 'spawn')
  const until = performance.now() + readyMs
  while (!(await listens(port))) {
    if (child.exitCode !== null || child.signalCode !== null || performance.now() > until) {
      await ended(child)
      throw new Error(`${command[0]} does not listen at ${port}: ${said}`)
    }
    await setTimeout(50)
  }
  const pid = child.pid ?? 0
  return {
    pid,
    cpuMs: () => treeOf(pid).reduce((sum, one) => sum + processCost(one).cpuMs, 0),
    memoryMib: () => residentMib(pid),
    close: () => ended(child),
  }
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = once(child, 'exit')
  child.kill('SIGTERM')
  const late = new AbortController()
  await Promise.race([exit, setTimeout(15_000, undefined, { signal: late.signal }).then(() => child.kill('SIGKILL'))])
  late.abort()
}

/** A process and all below it. */
function treeOf(pid: number): readonly number[] {
  const below = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').trim()
  return [pid, ...(below === '' ? [] : below.split(' ').flatMap((one) => treeOf(Number(one))))]
}

function residentMib(pid: number): number {
  const [, kib] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1')) ?? []
  return Number(kib) / 1024
}
