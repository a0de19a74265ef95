import type { Bound } from '../net/tryBind.ts'
import type { Look } from './look.ts'
import { limits, ok, unknown } from './look.ts'

const ports = [8443, 443] as const

/** Whether this user may listen where a gate would: the ports are taken on loopback and given back. */
export const gatePorts: Look = {
  id: 'gate-ports',
  group: 'sockets',
  title: 'ports for a gate',
  async look({ tryBind, platform }, _asked, bounds) {
    const tried = await Promise.all(ports.map(async (port) => ({ port, bound: await tryBind(port, bounds) })))
    const says = tried.map(({ port, bound }) => `${port} ${boundWords(bound)}`).join('; ')
    const figures = { free: tried.filter(({ bound }) => bound === 'free').map(({ port }) => String(port)) }
    const [usual] = tried
    if (tried.every(({ bound }) => bound === 'free')) return ok(says, { figures })
    const needsRight = tried.some(({ bound }) => bound !== 'free' && bound.code === 'EACCES')
    const isTaken = tried.some(({ bound }) => bound !== 'free' && bound.code === 'EADDRINUSE')
    if (!needsRight && !isTaken) return unknown(says, { figures })
    const next = [
      ...(needsRight && platform === 'linux' ? ['443 needs CAP_NET_BIND_SERVICE; 8443 needs no right'] : []),
      ...(isTaken ? ['see what listens there: ss -ltnp, on Windows netstat -ano'] : []),
    ].join('; ')
    // A gate stands at 8443; 443 is what some put it at.
    return usual?.bound === 'free' && !isTaken ? ok(says, { figures, next }) : limits(says, next, { figures })
  },
}

function boundWords(bound: Bound): string {
  if (bound === 'free') return 'is free'
  if (bound.code === 'EADDRINUSE') return 'is taken'
  if (bound.code === 'EACCES' || bound.code === 'EPERM') return 'may not be taken by this user'
  return `could not be tried (${bound.code})`
}
