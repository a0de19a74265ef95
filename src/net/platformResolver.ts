import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { errorCode } from './errno.ts'
import type { Limits } from './net.ts'
import type { Ending } from './wait.ts'
import { wait } from './wait.ts'

/** What getaddrinfo said: addresses as it wrote them, or its word for why not; `no-means` when it could not be asked. */
export type PlatformEnd =
  | { readonly kind: 'addresses'; readonly addresses: readonly string[] }
  | { readonly kind: 'failed'; readonly code: string }
  | { readonly kind: 'no-means'; readonly why: string }
  | { readonly kind: Ending }

/** The platform's own name resolution, which knows the hosts file and whatever else this machine is set up with. */
export interface PlatformResolver {
  /** Does what comes before the first question, so that no measured wait pays for it. May be left out. */
  start(limits: Limits): Promise<void>
  /** @param family 0 asks for addresses of both */
  resolve(name: string, family: 0 | 4 | 6, limits: Limits): Promise<PlatformEnd>
}

/** Half of them may resolve names at a time; more questions than that are not put at once. */
const threads = 16

/** The program of the child. It is sent as text, so that it may use nothing from outside of itself. */
function answerLookups(): void {
  const { lookup } = process.getBuiltinModule('node:dns')
  // A look-up that hangs would hold up a regular exit, here as in the parent.
  process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))
  // Ctrl-C reaches every process of the terminal; the parent decides what it means.
  process.on('SIGINT', () => {})
  process.on('message', ({ id, name, family }: Asked) => {
    lookup(name, { all: true, family }, (error, addresses) => {
      const came = error
        ? { id, kind: 'failed', code: error.code ?? error.message }
        : { id, kind: 'addresses', addresses: addresses.map(({ address }) => address) }
      process.send?.(came)
    })
  })
  process.send?.('ready')
}

/** What a child runs: it answers each question that comes over its channel. */
export const lookupProgram = `(${String(answerLookups)})()`

interface Asked {
  readonly id: number
  readonly name: string
  readonly family: 0 | 4 | 6
}

type Answer = { readonly id: number } & (PlatformEnd & { readonly kind: 'addresses' | 'failed' })

/** A child that is running, with what it still owes. */
interface Child {
  readonly process: ChildProcess
  readonly ready: Promise<void>
  /** Questions whose answers are waited for. */
  readonly waiting: Map<number, (end: PlatformEnd) => void>
  /** Questions that were put and not answered; those that nobody waits for keep a thread each. */
  readonly owed: Set<number>
  /** Why it cannot be asked any more. */
  ended?: string
}

/**
 * Asks getaddrinfo in a process of its own. A look-up cannot be called off, and Node ends only after the last of its
 * threads: asked here, a dead name server would keep the program for tens of seconds after its report, and every other
 * look-up waiting for a thread. The child is started at the first question, ended when all that it still owes has been
 * given up, and goes when this process does.
 *
 * @param program the text of the child's program; default: the one that asks
 */
export function createPlatformResolver(program = lookupProgram): PlatformResolver {
  let running: Child | undefined
  let lastId = 0
  const child = (): Child => {
    if (running === undefined || running.ended !== undefined) running = startChild(program)
    return running
  }
  return {
    async start(limits) {
      const { ready } = child()
      await wait<void>(
        limits,
        (settle) => {
          void ready.then(settle)
          return () => {}
        },
        () => {},
      )
    },
    resolve(name, family, limits) {
      const asked = child()
      lastId += 1
      const id = lastId
      return wait<PlatformEnd>(
        limits,
        (settle) => {
          asked.waiting.set(id, settle)
          void asked.ready.then(() => {
            if (asked.ended !== undefined) return settle({ kind: 'no-means', why: asked.ended })
            if (!asked.waiting.has(id)) return
            asked.owed.add(id)
            asked.process.send({ id, name, family } satisfies Asked, (error) => {
              if (error !== null) settle({ kind: 'no-means', why: errorCode(error) ?? error.message })
            })
          })
          return () => {
            asked.waiting.delete(id)
            if (asked.waiting.size === 0 && asked.owed.size > 0) giveUp(asked)
          }
        },
        (kind) => ({ kind }),
      )
    },
  }
}

/** Nobody waits for what it still owes: the next question is put to another. */
function giveUp(child: Child): void {
  child.ended ??= 'given up'
  child.process.kill('SIGKILL')
}

function startChild(program: string): Child {
  const { NODE_OPTIONS: _, ...env } = process.env
  const { promise: ready, resolve: setReady } = Promise.withResolvers<void>()
  const started = spawn(process.execPath, ['--eval', program], {
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    env: { ...env, UV_THREADPOOL_SIZE: String(threads) },
    windowsHide: true,
  })
  const child: Child = { process: started, ready, waiting: new Map(), owed: new Set() }
  // It goes by itself when its channel closes, unless it is stuck by then: in a file of the system that is a pipe.
  const goToo = (): void => void started.kill('SIGKILL')
  process.once('exit', goToo)
  const end = (why: string): void => {
    process.off('exit', goToo)
    child.ended ??= why
    setReady()
    for (const settle of [...child.waiting.values()]) settle({ kind: 'no-means', why: child.ended })
  }
  started.on('error', (error) => end(errorCode(error) ?? error.message))
  started.once('exit', () => end('the process that asks the platform ended'))
  started.on('message', (message: 'ready' | Answer) => {
    if (message === 'ready') return setReady()
    const { id, ...answer } = message
    child.owed.delete(id)
    child.waiting.get(id)?.(answer)
  })
  // Whoever waits for an answer has a timer that keeps this process; the child by itself does not.
  started.unref()
  // Where there was no descriptor left for it, there is no channel.
  started.channel?.unref()
  return child
}
