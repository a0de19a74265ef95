#!/usr/bin/env node
import { writeSync } from 'node:fs'
import process from 'node:process'
import { createMemoryBound } from './boundMemory.ts'
import type { Output } from './shell.ts'
import { exitCodes } from './shell.ts'
import { version } from './version.ts'

/** How a stream says that it takes more, or will take nothing any more. */
const ends = ['drain', 'error', 'close'] as const

/** How long a verb may take to clean up, in milliseconds, before the process ends without it; a server drains for longer. */
let longestStopMs = 5000

const args = process.argv.slice(2)
const interrupt = new AbortController()

/** Why the result did not arrive, by its code; EPIPE is a reader that went away. */
let writeFailure: string | undefined
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  writeFailure ??= error.code ?? error.message
  interrupt.abort(new Error('the result cannot be written'))
})
// Progress that nobody reads is no reason to stop.
process.stderr.on('error', () => {})
// The last write may fail after the verb has ended, so that what became of the result is known only here.
process.on('exit', () => {
  if (writeFailure === 'EPIPE') {
    // `postern plan | head` is no failure: only the stopping was the reader's doing, and the verdict stands.
    if (process.exitCode === exitCodes.interrupted) process.exitCode = exitCodes.well
  } else if (writeFailure !== undefined && process.exitCode !== exitCodes.bug) {
    process.stderr.write(`postern: the result cannot be written (${writeFailure})\n`)
    process.exitCode = exitCodes.usage
  }
})

if (args.length === 1 && (args[0] === '--version' || args[0] === '-V')) {
  // Answered before anything is loaded: scripts ask for it at every run.
  process.stdout.write(`${version}\n`)
} else {
  const { runCli } = await import('./runCli.ts')
  // SIGBREAK is Ctrl-Break, which only Windows has.
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGBREAK'] as const) process.on(name, () => stop(name))
  let lastResort: NodeJS.Timeout | undefined
  let ended = false
  let isHandedOver = false
  interrupt.signal.addEventListener('abort', () => {
    // A result that is being read slowly, in a pager, is not cut for one signal: the pager gets the same and stays.
    if (ended) return
    // What waits for a file to open (a FIFO without a writer) hears no signal.
    lastResort = setTimeout(endAtOnce, longestStopMs).unref()
  })

  function stop(name: string): void {
    if (interrupt.signal.aborted) {
      sayWhatIsLost()
      endAtOnce()
    }
    interrupt.abort(new Error(`stopped by ${name === 'SIGINT' ? 'Ctrl-C' : name}`))
  }

  /** The first signal is answered with a whole report, however slowly it is read; the second does not wait for that. */
  function sayWhatIsLost(): void {
    // Between two pieces of it nothing waits to be taken.
    const lost = ended
      ? !isHandedOver || process.stdout.writableLength > 0
        ? 'the result is cut short: its reader had not taken all of it'
        : undefined
      : 'there is no result: the first signal was still being answered'
    if (lost === undefined) return
    try {
      writeSync(process.stderr.fd, `postern: stopped by a second signal; ${lost}\n`)
    } catch {
      // Nobody reads it.
    }
  }

  function endWork(): void {
    ended = true
    clearTimeout(lastResort)
  }

  /** A regular exit waits for the thread that opens the file; the signal itself does not, and shells call it 130. */
  function endAtOnce(): void {
    process.removeAllListeners('SIGINT')
    process.kill(process.pid, 'SIGINT')
  }

  /** Nothing, where the shell stands in a folder that has been removed since. */
  function workingFolder(): string | undefined {
    try {
      return process.cwd()
    } catch {
      return undefined
    }
  }

  const output = (stream: NodeJS.WriteStream): Output => ({
    write: (text) => {
      stream.write(text)
    },
    async taken() {
      // What is left to do is to hand over, and that is not cut by one signal.
      endWork()
      if (!stream.writableNeedDrain || writeFailure !== undefined) return
      await new Promise<void>((resolve) => {
        const done = (): void => {
          for (const event of ends) stream.off(event, done)
          resolve()
        }
        for (const event of ends) stream.once(event, done)
      })
    },
    get isTerminal() {
      return stream.isTTY === true
    },
    get columns() {
      // A terminal that was never told its size has 0 columns.
      return stream.columns || 80
    },
  })

  try {
    const cwd = workingFolder()
    if (cwd === undefined) {
      process.stderr.write('postern: the current folder is no longer there, change to another one and start again\n')
      process.exitCode = exitCodes.usage
    } else {
      process.exitCode = await runCli(args, {
        stdout: output(process.stdout),
        stderr: output(process.stderr),
        // Opened when it is asked for: an open input would keep the process.
        get stdin() {
          return process.stdin
        },
        env: process.env,
        cwd,
        // A checkout is called by the scripts of its package, whose name npm gives.
        ...(['postern', 'start'].includes(process.env['npm_lifecycle_event'] ?? '') && {
          program: 'npm run -s postern --',
        }),
        boundMemory: createMemoryBound(),
        stopMayTake: (ms) => {
          longestStopMs = ms
        },
        signal: interrupt.signal,
      })
    }
  } catch (error) {
    process.stderr.write(`postern: this is a bug in Postern ${version}, please report it with the lines below\n`)
    process.stderr.write('  (CONTRIBUTING.md, "Reporting a bug", says where and how)\n')
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
    process.exitCode = exitCodes.bug
  } finally {
    endWork()
    isHandedOver = true
  }
}
