/** What plain clients of Node meet in the small network, healthy and under each fault: none of them shares code with it. */
import assert from 'node:assert/strict'
import { Resolver as DnsClient } from 'node:dns/promises'
import { once } from 'node:events'
import { get as getPlain, request as requestPlain } from 'node:http'
import { get } from 'node:https'
import { connect } from 'node:tls'
import type { Lab } from '../src/lab/index.ts'

/** What has not come by then is silence: pages of a slow machine take their time, and a slow resolver more than a name is given. */
const [pageMs, nameMs] = [4000, 500]

export function portOf(lab: Lab, name: string): number {
  const server = lab.servers.find((one) => one.name === name)
  assert.ok(server, name)
  return server.port
}

/** What a strict client that trusts the lab's root gets for a page: status and title or issuer, or its error code. */
export async function page(
  lab: Lab,
  server: 'cloud' | 'app' | 'live' | 'directory' | 'farm',
  name: string,
  path = '/',
): Promise<string> {
  const asked = get({
    host: '127.0.0.1',
    port: portOf(lab, server),
    servername: name,
    path,
    headers: { host: name },
    ca: [lab.caPem],
    agent: false,
    timeout: pageMs,
  })
  asked.on('timeout', () => asked.destroy(Object.assign(new Error('no answer'), { code: 'SILENCE' })))
  try {
    const [response] = await once(asked, 'response')
    let text = ''
    for await (const chunk of response) text += chunk
    return `${response.statusCode} ${/<title>([^<]*)|"issuer":"([^"]*)"/.exec(text)?.slice(1).join('') ?? ''}`
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : 'error'
  }
}

/** What is published as the list of the issuing CA: status and media type, or the error code of Node's client. */
async function listOf(lab: Lab): Promise<string> {
  const port = portOf(lab, 'revocation')
  const asked = getPlain({ host: '127.0.0.1', port, path: '/crl/issuing.crl', agent: false })
  try {
    const [response] = await once(asked, 'response')
    response.resume()
    return `${response.statusCode} ${/^[^;]*/.exec(response.headers['content-type'] ?? '')?.[0]}`
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : 'error'
  }
}

/** What the proxy says to a wish for a tunnel: its status, or the error code of Node's client. */
async function tunnel(lab: Lab, authority: string): Promise<string> {
  const proxy = { host: '127.0.0.1', port: portOf(lab, 'proxy'), method: 'CONNECT', path: authority, agent: false }
  const asked = requestPlain({ ...proxy, timeout: pageMs })
  asked.on('timeout', () => asked.destroy(Object.assign(new Error('no answer'), { code: 'SILENCE' })))
  asked.end()
  try {
    const [response, socket] = await once(asked, 'connect')
    socket.destroy()
    return String(response.statusCode)
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : 'error'
  }
}

/** The address of a name by one of the resolvers, or the error code of Node's client. */
async function address(
  lab: Lab,
  resolver: 'internal resolver' | 'second resolver' | 'control resolver',
  name: string,
): Promise<string> {
  const client = new DnsClient({ timeout: nameMs, tries: 1 })
  client.setServers([`127.0.0.1:${portOf(lab, resolver)}`])
  try {
    return (await client.resolve4(name)).join(', ')
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : 'error'
  }
}

/** Where the second name server sends those who look for a domain controller. */
async function controllers(lab: Lab): Promise<string> {
  const client = new DnsClient({ timeout: nameMs, tries: 1 })
  client.setServers([`127.0.0.1:${portOf(lab, 'second resolver')}`])
  try {
    const records = await client.resolveSrv('_ldap._tcp.dc._msdcs.corp.example')
    return records
      .map(({ name }) => name)
      .toSorted()
      .join(', ')
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : 'error'
  }
}

/** Whether the federation service asks for a certificate, as the platform tells it. */
async function farmAsks(lab: Lab): Promise<string> {
  const socket = connect({
    host: '127.0.0.1',
    port: portOf(lab, 'farm'),
    servername: 'sts.corp.example',
    rejectUnauthorized: false,
  })
  try {
    await once(socket, 'secureConnect')
    return socket.getSharedSigalgs().length > 0 ? 'asks' : 'does not ask'
  } finally {
    socket.destroy()
  }
}

/** How many days the Date field of the revocation hosts is away from the clock of this machine. */
async function daysAway(lab: Lab): Promise<string> {
  const asked = getPlain({ host: '127.0.0.1', port: portOf(lab, 'revocation'), path: '/', agent: false })
  try {
    const [response] = await once(asked, 'response')
    response.resume()
    return String(Math.round((Date.parse(response.headers.date ?? '') - Date.now()) / 86_400_000))
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : 'error'
  }
}

const discovery = '/6f1d3c52-8a4b-4e0f-9c37-2b5e1d9a7c40/v2.0/.well-known/openid-configuration'
const issuer = 'https://login.microsoftonline.com/6f1d3c52-8a4b-4e0f-9c37-2b5e1d9a7c40/v2.0'

/** Everything that faults are about, as plain clients meet it. */
export async function facesOf(lab: Lab): Promise<Readonly<Record<string, string>>> {
  const faces = {
    signIn: page(lab, 'cloud', 'login.microsoftonline.com', discovery),
    graph: page(lab, 'cloud', 'graph.microsoft.com'),
    registration: page(lab, 'cloud', 'enterpriseregistration.windows.net'),
    app: page(lab, 'app', 'app01.corp.example'),
    live: page(lab, 'live', 'live01.corp.example'),
    directory: page(lab, 'directory', 'dc01.corp.example'),
    farm: page(lab, 'farm', 'sts.corp.example'),
    farmAsks: farmAsks(lab),
    daysAway: daysAway(lab),
    list: listOf(lab),
    byProxy: tunnel(lab, 'login.windows.net:443'),
    partnerByProxy: tunnel(lab, 'api.partner.example:8443'),
    inside: address(lab, 'internal resolver', 'login.microsoftonline.com'),
    graphInside: address(lab, 'internal resolver', 'graph.microsoft.com'),
    graphOutside: address(lab, 'control resolver', 'graph.microsoft.com'),
    managementInside: address(lab, 'internal resolver', 'management.azure.com'),
    registrationInside: address(lab, 'internal resolver', 'enterpriseregistration.windows.net'),
    directoryInside: address(lab, 'internal resolver', 'dc01.corp.example'),
    secondInside: address(lab, 'second resolver', 'login.microsoftonline.com'),
    controllers: controllers(lab),
  }
  const entries = await Promise.all(Object.entries(faces).map(async ([key, face]) => [key, await face] as const))
  return Object.fromEntries(entries)
}

export const healthy = {
  signIn: `200 ${issuer}`,
  graph: '401 ',
  registration: '200 ',
  app: '200 Expenses',
  live: '200 Expenses',
  directory: '200 Expenses',
  farm: '200 Expenses',
  farmAsks: 'asks',
  daysAway: '0',
  list: '200 application/pkix-crl',
  byProxy: '200',
  partnerByProxy: '200',
  inside: '127.0.0.1',
  graphInside: '127.0.0.1',
  graphOutside: '127.0.0.1',
  managementInside: '127.0.0.1',
  registrationInside: '127.0.0.1',
  directoryInside: '127.0.0.1',
  secondInside: '127.0.0.1',
  controllers: 'dc01.corp.example',
} as const

/** How the faces change under each fault; what is not named stays as it is. */
export const changes: Readonly<Record<string, Partial<Record<keyof typeof healthy, string>>>> = {
  'split-brain': { registrationInside: '127.0.0.2' },
  nxdomain: { graphInside: 'ENOTFOUND', graphOutside: 'ENOTFOUND' },
  'resolver-filters': { managementInside: 'ENOTFOUND' },
  'resolver-refuses': { managementInside: 'EREFUSED' },
  'resolver-fails': { managementInside: 'ESERVFAIL' },
  'name-fails-everywhere': { managementInside: 'ESERVFAIL' },
  'resolver-slow': { managementInside: 'ETIMEOUT' },
  'forwarders-dead': {
    inside: 'ESERVFAIL',
    graphInside: 'ESERVFAIL',
    managementInside: 'ESERVFAIL',
    registrationInside: 'ESERVFAIL',
  },
  'self-signed': { app: 'DEPTH_ZERO_SELF_SIGNED_CERT' },
  garbage: { app: 'EPROTO' },
  'hangs-up': { app: 'ECONNRESET' },
  'upgrade-stripped': { live: '426 ' },
  'upgrade-page': { live: '200 Dashboard' },
  'upgrade-hangs': { live: 'SILENCE' },
  'time-silent': {},
  'time-unsynchronised': {},
  'time-skewed': {},
  'time-denied': {},
  'captive-portal': { list: '302 text/html' },
  // These show in what the list and the answers say: the rows' own clients read it.
  'revoked-in-list': {},
  'revoked-at-responder': {},
  'crl-stale': {},
  'revocation-forged': {},
  'revocation-other': {},
  'revocation-page': { list: '200 text/html' },
  'revocation-busy': { list: '503 text/html' },
  'revocation-closed': { list: 'ECONNREFUSED', daysAway: 'ECONNREFUSED' },
  // These lie beyond the proxy: the rows' own clients go through it.
  'chain-incomplete-beyond-proxy': { app: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' },
  'issuer-denied-by-proxy': { app: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' },
  'proxy-auth': { byProxy: '407', partnerByProxy: '407' },
  'proxy-name-denied': { byProxy: '403' },
  'proxy-port-denied': { partnerByProxy: '403' },
  'proxy-dns': { byProxy: '503', partnerByProxy: '503' },
  'proxy-kept-in': { byProxy: '503' },
  // The proxy says 200 to these as well: what is wrong shows inside, to the rows' own clients.
  'proxy-answers-itself': {},
  'proxy-dead': { byProxy: 'ECONNREFUSED', partnerByProxy: 'ECONNREFUSED' },
  'proxy-silent': { byProxy: 'SILENCE', partnerByProxy: 'SILENCE' },
  'proxy-bumps': {},
  'proxy-required': { signIn: 'ECONNREFUSED', graph: 'ECONNREFUSED', registration: 'ECONNREFUSED' },
  'resolver-dead': {
    inside: 'ETIMEOUT',
    graphInside: 'ETIMEOUT',
    managementInside: 'ETIMEOUT',
    registrationInside: 'ETIMEOUT',
    directoryInside: 'ETIMEOUT',
  },
  'dns-tcp-closed': { inside: 'ECONNREFUSED' },
  closed: { app: 'ECONNREFUSED', partnerByProxy: '503' },
  silent: { app: 'SILENCE', partnerByProxy: '503' },
  'reset-after-clienthello': { registration: 'ECONNRESET' },
  expired: { app: 'CERT_HAS_EXPIRED' },
  'not-yet-valid': { app: 'CERT_NOT_YET_VALID' },
  'wrong-name': { app: 'ERR_TLS_CERT_ALTNAME_INVALID' },
  'private-root': { app: 'SELF_SIGNED_CERT_IN_CHAIN' },
  'wrong-key-usage': { app: 'INVALID_PURPOSE' },
  'chain-incomplete': { app: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' },
  'inspector-trusted': {
    signIn: 'SELF_SIGNED_CERT_IN_CHAIN',
    graph: 'SELF_SIGNED_CERT_IN_CHAIN',
    registration: 'SELF_SIGNED_CERT_IN_CHAIN',
  },
  'inspector-untrusted': {
    signIn: 'SELF_SIGNED_CERT_IN_CHAIN',
    graph: 'SELF_SIGNED_CERT_IN_CHAIN',
    registration: 'SELF_SIGNED_CERT_IN_CHAIN',
  },
  'inspector-partial': { graph: 'SELF_SIGNED_CERT_IN_CHAIN' },
  'plain-http': { app: 'EPROTO' },
  console: { app: 'DEPTH_ZERO_SELF_SIGNED_CERT' },
  'tls-old': { app: 'EPROTO' },
  'silent-service': { app: 'SILENCE' },
  'http-page-on-api': { signIn: '200 Web Page Blocked' },
  'alias-circle': { managementInside: '' },
  'resolver-blanks': { managementInside: '0.0.0.0' },
  'resolver-block-page': { managementInside: '127.0.0.2' },
  'dns-intercepted': { graphInside: 'ENOTFOUND', graphOutside: 'ENOTFOUND' },
  'dns-forestalled': { managementInside: 'ENOTFOUND' },
  // What these records are, only whoever looks for a domain controller asks.
  'srv-missing': {},
  'srv-dangling': { directoryInside: 'ENOTFOUND' },
  'site-without-records': {},
  'site-record-dangling': {},
  // A plain client's own hello is a long one.
  'long-hello-lost': { app: 'ECONNRESET' },
  'one-address-closed': { graphInside: '127.0.0.2, 127.0.0.1' },
  'one-address-cuts': { graphInside: '127.0.0.2, 127.0.0.1' },
  'chain-orphaned': { app: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' },
  'first-resolver-dead': { secondInside: 'ETIMEOUT', controllers: 'ETIMEOUT' },
  'inspector-named': {
    signIn: 'SELF_SIGNED_CERT_IN_CHAIN',
    graph: 'SELF_SIGNED_CERT_IN_CHAIN',
    registration: 'SELF_SIGNED_CERT_IN_CHAIN',
  },
  // A plain client offers the new group by itself: the row's own client offers what Windows has.
  'tls-groups': {},
  'stale-record': { directoryInside: '127.0.0.2' },
  'mtls-terminated': { farmAsks: 'does not ask' },
  'clock-ahead': {
    signIn: 'CERT_HAS_EXPIRED',
    graph: 'CERT_HAS_EXPIRED',
    registration: 'CERT_HAS_EXPIRED',
    app: 'CERT_HAS_EXPIRED',
    live: 'CERT_HAS_EXPIRED',
    daysAway: '-40',
  },
  // What it asks for at the sign-in, the rows' own client reads.
  'reply-url-port': { app: '302 Sign in' },
  'reply-url-http': { app: '302 Sign in' },
  'reply-url-host': { app: '302 Sign in' },
  'reply-url-case': { app: '302 Sign in' },
  'reply-url-slash': { app: '302 Sign in' },
  'sign-in-other-tenant': { app: '302 Sign in' },
  'sign-in-other-client': { app: '302 Sign in' },
  'app-redirect-loop': { app: '302 Moved' },
  'captive-portal-tls': { signIn: 'EPROTO', graph: 'EPROTO', registration: 'EPROTO' },
}
