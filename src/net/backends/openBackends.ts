import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Backend } from '../../model/gate.ts'
import type { Clock } from '../clock.ts'
import type { ListenedRequest, ListenedResponse } from '../listened.ts'
import { BackendServers } from './backendServers.ts'
import { trustContext } from './dialServer.ts'
import { forwardRequest } from './forwardRequest.ts'
import { GoingAway } from './goingAway.ts'
import type { BackendNews, Forwarded, ForwardPlan, ServerState } from './plan.ts'
import type { ServerTools } from './server.ts'
import { Server } from './server.ts'
import { stickyValue } from './stickyCookie.ts'
import { upgradeRequest } from './upgradeRequest.ts'
import { watchHealth } from './watchHealth.ts'

export interface BackendTools {
  /** PEM texts of CAs, by backend; none or absent: those of this machine. */
  readonly trust: Readonly<Record<string, readonly string[]>>
  /** `names:` of the site file. */
  readonly names: Readonly<Record<string, string>>
  readonly clock: Clock
  /** What sticky cookies are marked with: 32 random octets, the same after a restart where browsers are to stay. */
  readonly stickySecret: Uint8Array
  /** As many unguessable octets as are asked for. */
  readonly random: (octets: number) => Uint8Array
  /** Told when a server becomes well, unwell, or is given nothing for a while. Must not throw. */
  readonly onNews?: (news: BackendNews) => void
  /** Ends all of it at once. */
  readonly signal: AbortSignal
}

/** The servers behind the gate. */
export interface Backends {
  /**
   * Sends a request on and its answer back, or answers in the place of the server. Never rejects for what a client or a
   * server does; the response is ended when it resolves.
   *
   * @throws RangeError when the plan names no backend of the settings
   */
  forward(plan: ForwardPlan, request: ListenedRequest, response: ListenedResponse): Promise<Forwarded>
  /**
   * Opens a WebSocket to a server over a connection of its own, and hands octets on until one end or the signal ends it;
   * whoever calls gives the socket away.
   *
   * @param head what the client sent behind its request
   * @throws RangeError when the plan names no backend of the settings
   */
  upgrade(plan: ForwardPlan, request: IncomingMessage, socket: Duplex, head: Uint8Array): Promise<Forwarded>
  state(): readonly ServerState[]
  /** Ends open requests, WebSockets, health checks and connections. */
  close(): Promise<void>
}

/** Seconds for TCP and TLS together at most: a server that is slower is not well. */
const mostConnectSeconds = 10

/** @throws Error when a text of `trust` is no certificate */
export function openBackends(settings: Readonly<Record<string, Backend>>, tools: BackendTools): Backends {
  const closing = new AbortController()
  const signal = AbortSignal.any([tools.signal, closing.signal])
  const nowMs = (): number => tools.clock.monotonicMs()
  const serverTools: ServerTools = { tell: (news) => tools.onNews?.(news), nowMs, signal }
  const backends = new Map(
    Object.entries(settings).map(([name, backend]) => {
      const servers = serversOf(name, backend, tools, serverTools)
      return [name, new BackendServers(backend, servers, nowMs)] as const
    }),
  )
  const servers = [...backends.values()].flatMap((backend) => backend.servers)
  const watches = [...backends.values()].flatMap(({ settings: { health }, servers: each }) =>
    health === undefined ? [] : each.map((server) => watchHealth(server, health, signal)),
  )
  const backendOf = ({ backend }: ForwardPlan): BackendServers => {
    const found = backends.get(backend)
    if (found === undefined) throw new RangeError(`there is no backend ${backend}`)
    return found
  }
  const endPools = async (): Promise<void> => {
    await Promise.all([...watches, ...servers.map(({ pool }) => pool.destroy())])
  }
  let ended: Promise<void> | undefined
  const end = (): Promise<void> => (ended ??= endPools())
  signal.addEventListener('abort', () => void end(), { once: true })
  return {
    forward: async (plan, request, response) => forwardRequest(backendOf(plan), plan, request, response),
    upgrade: async (plan, request, socket, head) =>
      upgradeRequest(backendOf(plan), plan, request, socket, head, { signal, random: tools.random }),
    state: () => servers.map(({ backend, url, state, inFlight }) => ({ backend, server: url.origin, state, inFlight })),
    close: () => {
      closing.abort(new GoingAway())
      return end()
    },
  }
}

function serversOf(name: string, backend: Backend, tools: BackendTools, serverTools: ServerTools): readonly Server[] {
  const dial = {
    names: tools.names,
    secureContext: trustContext(tools.trust[name] ?? []),
    ...(backend.serverName !== undefined && { serverName: backend.serverName }),
    timeoutMs: Math.min(mostConnectSeconds, backend.answerSeconds) * 1000,
  }
  return backend.urls.map((text) => {
    const url = new URL(text)
    const sticky = stickyValue(tools.stickySecret, name, url.origin)
    return new Server(name, url, backend, dial, sticky, serverTools)
  })
}
