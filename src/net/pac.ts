import { Worker } from 'node:worker_threads'
import { parseHostPort } from '../model/cidr.ts'
import type { Limits } from './net.ts'

/** One way that a script offers for a URL. */
export type PacRoute =
  | { readonly kind: 'direct' }
  | {
      readonly kind: 'proxy'
      /** `PROXY` and `HTTP` are one thing; `HTTPS` speaks TLS to the proxy itself; SOCKS is known and not spoken. */
      readonly type: 'http' | 'https' | 'socks'
      readonly host: string
      readonly port: number
    }

/** What a script says of one URL. */
export type PacAnswer =
  | {
      readonly kind: 'routes'
      /** In the order in which a client tries them; never empty. */
      readonly routes: readonly PacRoute[]
      /** Names that the script had resolved for its decision: with another resolver it may decide otherwise. */
      readonly resolved: readonly string[]
    }
  /** The script is no script, threw, did not end, took too much memory, or answered with something that is no route. */
  | { readonly kind: 'failed'; readonly reason: string }

/** What a script may know of the world. It gets nothing else: no file, no socket, no environment. */
export interface PacMeans {
  /** The IPv4 address of a name, as this machine would resolve it; undefined where there is none. */
  resolve(name: string, signal: AbortSignal): Promise<string | undefined>
  /** What `myIpAddress()` gives: the IPv4 address that this machine would be seen with. */
  readonly ownAddress: string
  /** Hears what else the answer depends on, when the script asks for it: `myIpAddress()`, or the day or the hour. */
  onAsked?(what: 'own-address' | 'time'): void
}

/** What the script's thread is given. */
export interface PacTask {
  /** By which what comes back is known to belong to it. */
  readonly id: number
  readonly script: string
  readonly url: string
  readonly ownAddress: string
}

/** What the script's thread is told later: the address of a name that it asked for. */
export interface ToPac {
  readonly id: number
  readonly name: string
  readonly address: string | null
}

type FromPac = { readonly id: number } & (
  | { readonly kind: 'resolve'; readonly name: string }
  | { readonly kind: 'asked'; readonly what: 'own-address' | 'time' }
  | { readonly kind: 'answer'; readonly answer: string | null }
  | { readonly kind: 'threw'; readonly reason: string }
)

const maxScriptCharacters = 1_048_576
const maxResolved = 64

/** A thread in which scripts are asked one after the other, each time in a new interpreter. */
export interface PacThread {
  /** As {@link askPac}; the next question waits for the one before to end. */
  ask(script: string, url: URL, means: PacMeans, limits: Limits): Promise<PacAnswer>
  close(): Promise<void>
}

/**
 * Asks a proxy auto-configuration script which way a URL goes. The script runs in an interpreter of its own, on a thread
 * of its own that is ended with the wait: one that loops, or that means harm, ends as `failed`.
 *
 * @param script the text of the file, at most 1 MiB
 * @param url what is asked for; of an `https` URL the script sees scheme and host only, as browsers do it
 */
export async function askPac(script: string, url: URL, means: PacMeans, limits: Limits): Promise<PacAnswer> {
  const thread = openPacThread()
  try {
    return await thread.ask(script, url, means, limits)
  } finally {
    await thread.close()
  }
}

/** For many questions: what takes longest is to start a thread. One whose script does not answer in time is ended, and the next question starts another. */
export function openPacThread(): PacThread {
  let worker: Worker | undefined
  let count = 0
  const close = async (): Promise<void> => {
    const ended = worker
    worker = undefined
    await ended?.terminate()
  }
  return {
    async ask(script, url, means, limits) {
      if (script.length > maxScriptCharacters) {
        return failed(`the script is longer than ${maxScriptCharacters} characters`)
      }
      count += 1
      const seen = url.protocol === 'https:' ? `${url.origin}/` : url.href
      worker ??= startWorker()
      const answer = await answerFrom(
        worker,
        { id: count, script, url: seen, ownAddress: means.ownAddress },
        means,
        limits,
      )
      // What may still run is not to run on.
      if (answer.kind === 'failed') await close()
      return answer
    },
    close,
  }
}

function startWorker(): Worker {
  return new Worker(new URL(`./pacWorker${extensionOf(import.meta.url)}`, import.meta.url), {
    // Nothing of this process reaches the thread: neither its environment nor what it would print.
    env: {},
    execArgv: [],
    stdout: true,
    stderr: true,
  })
}

async function answerFrom(worker: Worker, task: PacTask, means: PacMeans, limits: Limits): Promise<PacAnswer> {
  const ending = AbortSignal.any([limits.signal, AbortSignal.timeout(limits.timeoutMs)])
  const resolved: string[] = []
  const { promise, resolve: end } = Promise.withResolvers<PacAnswer>()
  const late = (): void => {
    end(
      failed(
        limits.signal.aborted
          ? 'ended before the script had answered'
          : `no answer within ${limits.timeoutMs} ms: it loops, or waits for a name`,
      ),
    )
  }
  const tell = (name: string, address: string | null): void => {
    worker.postMessage({ id: task.id, name, address } satisfies ToPac)
  }
  const onMessage = (said: FromPac): void => {
    if (said.id !== task.id) return
    switch (said.kind) {
      case 'resolve':
        resolved.push(said.name)
        // Beyond what any script asks for: it gets no more answers, and the wait ends it.
        if (resolved.length > maxResolved) return
        means.resolve(said.name, ending).then(
          (address) => tell(said.name, address ?? null),
          () => tell(said.name, null),
        )
        return
      case 'asked':
        means.onAsked?.(said.what)
        return
      case 'answer':
        end(answerOf(said.answer, resolved))
        return
      case 'threw':
        end(failed(said.reason.slice(0, 200)))
        return
      default:
        said satisfies never
    }
  }
  const onError = (error: unknown): void => {
    end(failed(error instanceof Error ? error.message.slice(0, 200) : 'the script ended its thread'))
  }
  const onExit = (): void => end(failed('the script ended without an answer'))
  if (ending.aborted) late()
  ending.addEventListener('abort', late, { once: true })
  worker.on('message', onMessage).once('error', onError).once('exit', onExit)
  worker.postMessage(task)
  try {
    return await promise
  } finally {
    ending.removeEventListener('abort', late)
    worker.off('message', onMessage).off('error', onError).off('exit', onExit)
  }
}

/** Sources run as `.ts`, a release as `.js`. */
function extensionOf(url: string): string {
  return url.slice(url.lastIndexOf('.'))
}

function answerOf(answer: string | null, resolved: readonly string[]): PacAnswer {
  if (answer === null) return failed('FindProxyForURL returned no text')
  const routes = routesOf(answer)
  if (routes === undefined) return failed(`FindProxyForURL returned what is no route: ${answer.slice(0, 120)}`)
  return { kind: 'routes', routes, resolved }
}

function failed(reason: string): PacAnswer {
  return { kind: 'failed', reason }
}

/**
 * Reads what `FindProxyForURL` returned: `PROXY host:port; DIRECT`. Empty text is `DIRECT`, as browsers read it.
 *
 * @returns undefined when not one part is a route
 */
export function routesOf(text: string): readonly PacRoute[] | undefined {
  const parts = text.split(';').map((part) => part.trim())
  if (parts.every((part) => part === '')) return [{ kind: 'direct' }]
  const routes = parts.flatMap((part) => routeOf(part) ?? [])
  return routes.length > 0 ? routes : undefined
}

const types = {
  PROXY: 'http',
  HTTP: 'http',
  HTTPS: 'https',
  SOCKS: 'socks',
  SOCKS4: 'socks',
  SOCKS5: 'socks',
} as const

const usualPorts = { http: 80, https: 443, socks: 1080 } as const

function routeOf(part: string): PacRoute | undefined {
  const [word = '', place, ...rest] = part.split(/\s+/)
  const upper = word.toUpperCase()
  if (upper === 'DIRECT' && place === undefined) return { kind: 'direct' }
  if (!isType(upper) || place === undefined || rest.length > 0) return undefined
  const type = types[upper]
  const at = parseHostPort(place)
  if (at === undefined || at.host === '') return undefined
  return { kind: 'proxy', type, host: at.host, port: at.port ?? usualPorts[type] }
}

function isType(word: string): word is keyof typeof types {
  return Object.hasOwn(types, word)
}
