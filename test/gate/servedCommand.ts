import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))

/** `postern serve`, or another command, as a process of its own. */
export interface ServedCommand {
  readonly child: ChildProcess
  readonly stdout: string
  readonly stderr: string
  /** Resolves when it has written this to either stream; rejects where it ends before. */
  said(text: string): Promise<void>
  /** Its exit code, or the signal that ended it. */
  ended(): Promise<number | NodeJS.Signals | null>
}

/** Starts a command, which ends with the test at the latest. */
export function servedCommand(t: TestContext, ...words: readonly string[]): ServedCommand {
  const child = spawn(process.execPath, [main, ...words], { stdio: ['ignore', 'pipe', 'pipe'] })
  t.after(() => child.kill('SIGKILL'))
  const written = { stdout: '', stderr: '' }
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].on('data', (part: Buffer) => {
      written[stream] += part.toString()
    })
  }
  const closed = once(child, 'close')
  return {
    child,
    get stdout() {
      return written.stdout
    },
    get stderr() {
      return written.stderr
    },
    async said(text) {
      while (!`${written.stdout}${written.stderr}`.includes(text)) {
        if (child.exitCode !== null || child.signalCode !== null) {
          await closed
          if (`${written.stdout}${written.stderr}`.includes(text)) return
          throw new Error(`it ended without saying "${text}": ${written.stdout}${written.stderr}`)
        }
        await Promise.race([once(child.stdout, 'data'), once(child.stderr, 'data'), closed])
      }
    },
    async ended() {
      await closed
      return child.exitCode ?? child.signalCode
    },
  }
}
