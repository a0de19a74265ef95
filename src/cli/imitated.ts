import { userInfo } from 'node:os'
import type { Flow } from '../model/flow.ts'
import type { FlowReport } from '../model/report.ts'
import type { Service } from '../model/service.ts'

/**
 * Which client the probes look like from the outside: said in every report. Of TLS and HTTP only where they are spoken, by
 * what is planned or, as after StartTLS, by what was seen.
 *
 * @param seen what the check came to; absent before it
 */
export function imitated(flows: readonly Flow[], seen: readonly Pick<FlowReport, 'evidence'>[] = []): string {
  const saw = (kind: 'tls-handshake' | 'http-exchange'): boolean =>
    seen.some(({ evidence }) => evidence.some((one) => one.kind === kind))
  const speaks = (services: ReadonlySet<Service>): boolean => flows.some(({ target }) => services.has(target.service))
  const spoken = [
    ...(speaks(overTls) || saw('tls-handshake') ? [tls] : []),
    ...(speaks(overHttp) || flows.some(({ via }) => via !== undefined) || saw('http-exchange') ? ['HTTP/1.1'] : []),
  ]
  return [...spoken, wayOut(flows), `as the account ${account()}`].join(', ')
}

const tls = 'TLS 1.2 and 1.3 with X25519, P-256 and P-384 (no post-quantum share)'

const overTls: ReadonlySet<Service> = new Set(['tls', 'https', 'wss', 'ldaps', 'gcs', 'winrms', 'amqps'])
const overHttp: ReadonlySet<Service> = new Set(['http', 'https', 'ws', 'wss', 'winrm', 'winrms', 'http-connect'])

/** Who asks: rules of proxies and of this machine's own firewall may be for one account alone. */
function account(): string {
  try {
    return userInfo().username
  } catch {
    // An identity that no table has, as in a container.
    return process.getuid === undefined ? 'unknown' : `with the number ${process.getuid()}`
  }
}

function wayOut(flows: readonly Flow[]): string {
  const ways = [...new Set(flows.flatMap(({ via }) => via ?? []))]
  if (ways.length === 0) return 'no proxy'
  const straight = flows.some(
    ({ via, expect, direction }) => via === undefined && expect === 'open' && direction === 'outbound-internet',
  )
  return `${straight ? 'partly ' : ''}through ${ways.length > 1 ? 'the proxies' : 'the proxy'} ${ways.join(', ')} of the site file`
}
