import type { Flow, FlowTarget } from '../model/flow.ts'
import { portText } from '../model/flow.ts'
import { hostPort } from '../model/hostPort.ts'
import type { Service } from '../model/service.ts'

/** `389, 88 and 445`. */
export function listed(words: readonly string[]): string {
  const each = [...new Set(words)]
  const last = each.pop() ?? ''
  return each.length === 0 ? last : `${each.join(', ')} and ${last}`
}

/** The verb that goes with {@link listed}: the first for one word, the second for several. */
export function verbOf(words: readonly string[], ofOne: string, ofSeveral: string): string {
  return new Set(words).size > 1 ? ofSeveral : ofOne
}

/** `636/tcp`, by the port that the reader knows, or the service of a row that names no port. */
export function portOf(target: FlowTarget): string {
  const port = portText(target)
  return port === undefined ? target.service : `${port}/${target.transport}`
}

/** The site's own word for the other end, or the name that is dialled when the other end is no host of the site. */
export function hostOf(flow: Flow): string {
  const { name, pattern, address } = flow.target
  return flow.to === '' || flow.to === flow.toRole ? (name ?? pattern ?? address ?? flow.to) : flow.to
}

/** `636/tcp on dc01`. */
export function placeOf(flow: Flow): string {
  return `${portOf(flow.target)} on ${hostOf(flow)}`
}

/** Where the cloud is the other end a rule names the host or Microsoft's own pattern, since addresses there rotate. */
function destinationOf(flow: Flow, address: string | undefined): string {
  const { name, pattern } = flow.target
  const outside = flow.direction === 'outbound-internet'
  if (outside && (pattern ?? name) !== undefined) return pattern ?? name ?? ''
  return flow.target.address ?? address ?? name ?? pattern ?? flow.to
}

/** The rule that lets a flow pass: `allow tcp 10.1.0.10 -> 10.1.0.5:636`. */
export function allowRule(flow: Flow, ends: { readonly from: string; readonly address?: string | undefined }): string {
  const { port, range, transport } = flow.target
  const destination = destinationOf(flow, ends.address)
  const to = range === undefined ? hostPort(destination, port) : `${destination}:${range.first}-${range.last}`
  return `allow ${transport} ${ends.from} -> ${to}`
}

/** How a service is called among people; a service that is not here is called by its scheme. */
const serviceNames: Readonly<Partial<Record<Service, string>>> = Object.freeze({
  dns: 'DNS',
  kerberos: 'Kerberos',
  kpasswd: 'Kerberos password change',
  ntp: 'NTP',
  epm: 'the RPC endpoint mapper',
  ldap: 'LDAP',
  ldaps: 'LDAP over TLS',
  cldap: 'CLDAP',
  gc: 'the global catalog',
  gcs: 'the global catalog over TLS',
  smb: 'SMB',
  winrm: 'WinRM',
  winrms: 'WinRM over TLS',
  adws: 'AD Web Services',
  amqps: 'AMQP over TLS',
  mssql: 'SQL Server',
  http: 'HTTP',
  https: 'HTTPS',
  ws: 'WebSocket',
  wss: 'WebSocket over TLS',
  tls: 'TLS',
  rpc: 'RPC',
  'http-connect': 'the HTTP proxy',
  'net-tcp': 'net.tcp',
})

/** `LDAP over TLS` for `ldaps`; `the service` where the flow leaves it open. */
export function serviceOf({ service }: FlowTarget): string {
  return serviceNames[service] ?? 'the service'
}

/** How to see for oneself: what to run on both ends while the question is asked again. */
export function captureAt(address: string | undefined, { port }: FlowTarget): string {
  const filter = [address === undefined ? '' : `host ${address}`, port === null ? '' : `port ${port}`]
    .filter((part) => part !== '')
    .join(' and ')
  return `capture on both ends while this is asked again: tcpdump -ni any '${filter}'`
}

/** What to do about a server that was asked without a name (SNI), since none of it is known. */
export function giveName(flow: Flow): string {
  return `give ${hostOf(flow)} a name in the site file, and check it by that name`
}

/** A length of time as people say it: `850 ms`, `2.4 s`, `7 min`, `40 days`. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`
  if (ms < 120_000) return `${(ms / 1000).toFixed(1)} s`
  if (ms < 7_200_000) return `${Math.round(ms / 60_000)} min`
  if (ms < 172_800_000) return `${Math.round(ms / 3_600_000)} hours`
  return `${Math.round(ms / 86_400_000)} days`
}

/** The day of an ISO 8601 time, or the text itself when it is none. */
export function dayOf(time: string): string {
  return /^\d{4}-\d\d-\d\dT/.test(time) ? time.slice(0, 10) : time
}

/** One attribute of a distinguished name at its place (RFC 4514 §3): type and value, and the separator after it. */
const attributes = /\s*([A-Za-z][A-Za-z0-9-]*|\d+(?:\.\d+)*)=((?:\\[\s\S]|[^,+\\])*)(?:[,+]|$)/gy

/** The value of the first attribute of a type; only where the text is one attribute after the other from its start. */
function attributeOf(distinguishedName: string, type: string): string | undefined {
  for (const [, name = '', value = ''] of distinguishedName.matchAll(attributes)) {
    if (name.toUpperCase() === type) return unescaped(value)
  }
  return undefined
}

/** Octets are written as two hexadecimal digits, other characters as themselves (RFC 4514 §2.4). */
function unescaped(value: string): string {
  const plain = value.replaceAll(
    /((?:\\[0-9A-Fa-f]{2})+)|\\([\s\S])/g,
    (_, octets: string | undefined, character: string) =>
      octets === undefined
        ? character
        : new TextDecoder().decode(Uint8Array.from(octets.slice(1).split('\\'), (octet) => Number.parseInt(octet, 16))),
  )
  return plain.trim()
}

/** The common name of a distinguished name in RFC 4514 text, else its organisation, else the whole text. */
export function commonName(distinguishedName: string): string {
  // Most names begin with it, and few have anything escaped.
  const plain = /^CN=([^\\,+]*)(?:,|$)/.exec(distinguishedName)?.[1]
  if (plain !== undefined) return plain.trim()
  return attributeOf(distinguishedName, 'CN') ?? attributeOf(distinguishedName, 'O') ?? distinguishedName.trim()
}

/** The command that asks a flow alone: by its id in the site, or as the TARGET that it was typed as. */
export function checkOf({ flow }: Pick<Flow, 'flow'>): string {
  return flow.includes(':') ? `postern check ${flow}` : `postern check --flow ${flow}`
}
