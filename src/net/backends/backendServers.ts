import type { Backend } from '../../model/gate.ts'
import type { BackendReason } from './backendReasons.ts'
import { chooseServer } from './chooseServer.ts'
import type { Server } from './server.ts'
import { isStickyValue } from './stickyCookie.ts'

/** Requests that wait for a connection at most, of one backend. */
const mostWaiting = 1024

export interface Wish {
  /** What the client sent as the mark of its server. */
  readonly sticky?: string | undefined
  /** Was tried already. */
  readonly not?: Server | undefined
}

/** The servers of one backend: which is asked next, and who waits for one. */
export class BackendServers {
  readonly settings: Backend
  readonly servers: readonly Server[]
  readonly #nowMs: () => number
  #turn = 0
  readonly #waiting = new Set<() => void>()

  constructor(settings: Backend, servers: readonly Server[], nowMs: () => number) {
    this.settings = settings
    this.servers = servers
    this.#nowMs = nowMs
  }

  /** Takes a place at a server, which must be given back. */
  take({ sticky, not }: Wish): Server | 'no-server-well' | 'busy' {
    const kept = sticky === undefined ? undefined : this.#keptAt(sticky, not)
    this.#turn = (this.#turn + 1) % 1_000_000_007
    const chosen = kept ?? chooseServer(this.servers, this.#nowMs(), this.#turn, not)
    if (chosen === 'unwell') return 'no-server-well'
    if (chosen !== 'busy') chosen.inFlight += 1
    return chosen
  }

  giveBack(server: Server): void {
    server.inFlight -= 1
    const [next] = this.#waiting
    next?.()
  }

  /**
   * Waits until a place may be free.
   *
   * @param onGone is given what is to be called when the client went away, and gives back what undoes that
   */
  free(signal: AbortSignal, onGone: (gone: () => void) => () => void): Promise<BackendReason | undefined> {
    if (this.#waiting.size >= mostWaiting) return Promise.resolve('busy')
    if (signal.aborted) return Promise.resolve('ended')
    return new Promise((resolve) => {
      const settle = (reason?: BackendReason): void => {
        clearTimeout(timer)
        signal.removeEventListener('abort', onAbort)
        this.#waiting.delete(proceed)
        undo()
        resolve(reason)
      }
      const proceed = (): void => settle()
      const onAbort = (): void => settle('ended')
      const undo = onGone(() => settle('client-gone'))
      const timer = setTimeout(() => settle('busy'), this.settings.answerSeconds * 1000)
      signal.addEventListener('abort', onAbort, { once: true })
      this.#waiting.add(proceed)
    })
  }

  #keptAt(sticky: string, not: Server | undefined): Server | undefined {
    const nowMs = this.#nowMs()
    return this.servers.find(
      (server) =>
        isStickyValue(sticky, server.sticky) &&
        server !== not &&
        server.isWell &&
        server.ejectedUntilMs <= nowMs &&
        server.inFlight < server.mostInFlight,
    )
  }
}
