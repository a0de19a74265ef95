import type { TcpConnect } from '../model/observation.ts'
import { ownAddresses } from './sources.ts'

/** The platform's word for a failed system call, such as `ECONNREFUSED`; undefined for what is no such failure. */
export function errorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}

/** Whether the kernel failed a call, as against a word that Node invents for an end that it saw (`socket hang up`). */
export function isSystemError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error && typeof error.syscall === 'string'
}

/** What went short on this machine, not on the path: descriptors, ports (Windows says EADDRINUSE of those), buffers. */
export const machineLimits: ReadonlySet<string> = new Set([
  'EMFILE',
  'ENFILE',
  'EADDRNOTAVAIL',
  'EADDRINUSE',
  'ENOBUFS',
  'ENOMEM',
])

/** What a connection attempt's error code says, by itself: one code is not a cause (several things give each). */
const outcomes: Readonly<Record<string, TcpConnect['outcome']>> = Object.freeze({
  ECONNREFUSED: 'refused',
  ETIMEDOUT: 'timeout',
  EHOSTUNREACH: 'host-unreachable',
  EHOSTDOWN: 'host-unreachable',
  ENETUNREACH: 'net-unreachable',
  ENETDOWN: 'net-unreachable',
  EAFNOSUPPORT: 'no-local-network',
  EACCES: 'admin-prohibited',
  EPERM: 'admin-prohibited',
  // What Linux says where a route of its own is a black hole. A question that Postern puts has nothing else that is not valid.
  EINVAL: 'admin-prohibited',
  ECONNRESET: 'reset',
  ECONNABORTED: 'reset',
})

/** The outcome of a connection attempt that failed with `code`. */
export function connectOutcome(code: string | undefined, address: string): TcpConnect['outcome'] {
  if (code === undefined) return 'error'
  if (machineLimits.has(code)) return 'tool-limit'
  if (code === 'ENETUNREACH' && ownAddresses(address).length === 0) return 'no-local-network'
  return outcomes[code] ?? 'error'
}

/** What a failed system call on a connected UDP socket says (RFC 1122 §4.1.3.3). */
export function udpOutcome(code: string | undefined): 'refused' | 'unreachable' | 'tool-limit' | 'error' {
  if (code !== undefined && machineLimits.has(code)) return 'tool-limit'
  switch (code) {
    case 'ECONNREFUSED':
    case 'ECONNRESET': // Windows' word for it, where it comes through
      return 'refused'
    case 'EHOSTUNREACH':
    case 'EHOSTDOWN':
    case 'ENETUNREACH':
    case 'ENETDOWN':
    case 'EACCES':
    case 'EINVAL': // a black hole among its routes
    case 'EPERM': // a firewall of this machine
      return 'unreachable'
    default:
      return 'error'
  }
}

/** Node says ECONNRESET of a plain end of the stream as well, which no kernel called a reset. */
export function isPlainEnd(error: unknown): boolean {
  return errorCode(error) === 'ECONNRESET' && !isSystemError(error)
}

/** How an open connection ended that failed with `error`. */
export function streamOutcome(error: unknown): 'reset' | 'closed' | 'timeout' | 'error' {
  if (isPlainEnd(error)) return 'closed'
  switch (errorCode(error)) {
    case 'ECONNRESET':
    case 'EPIPE':
    case 'ECONNABORTED':
      return 'reset'
    case 'ETIMEDOUT':
      return 'timeout'
    default:
      return 'error'
  }
}
