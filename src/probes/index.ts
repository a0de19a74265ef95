import type { Scheme } from '../model/service.ts'
import type { Observe, Probe } from './probe.ts'

/** What is known of a probe without loading it. */
export type ProbeDescriptor = Omit<Probe, 'observe'>

/** A probe in the registry: what it does, in words, and the way to its code. */
export interface RegisteredProbe extends ProbeDescriptor {
  load(): Promise<Probe>
}

function probe(descriptor: ProbeDescriptor, code: () => Promise<{ readonly observe: Observe }>): RegisteredProbe {
  return Object.freeze({
    ...descriptor,
    load: async () => ({ ...descriptor, observe: (await code()).observe }),
  })
}

/** Probes by scheme. A question whose scheme is not here is asked by the transport probe, `tcp`. */
export const probes: Readonly<Partial<Record<Scheme, RegisteredProbe>> & { tcp: RegisteredProbe }> = Object.freeze({
  dns: probe(
    {
      scheme: 'dns',
      sends:
        'one recursive query with a random id, mixed case and EDNS 1232: SOA of the domain, or NS of the root; again without EDNS where that is not known, and over TCP when the answer was cut; of a name server of the AD domain over UDP also the SRV records by which domain controllers are found',
      proves: 'the server answers this question: with the right id and the question repeated',
      limits: 'one lost datagram looks like silence; an answer over UDP says nothing of TCP unless it was cut',
      transports: ['udp', 'tcp'],
      example: 'dns://10.0.0.5/corp.example',
    },
    () => import('./dns.ts'),
  ),
  http: probe(
    {
      scheme: 'http',
      sends: 'one TCP connection and one GET without credentials or cookies',
      proves: 'something answers in HTTP; status, server and the kind of page tell whether it is the service',
      limits: 'no redirect is followed, and nothing behind a sign-in is seen',
      transports: ['tcp'],
      example: 'http://crl.microsoft.com/',
    },
    () => import('./http.ts'),
  ),
  https: probe(
    {
      scheme: 'https',
      sends:
        'one TCP connection, a TLS 1.2 and 1.3 handshake with ALPN http/1.1, and one GET without credentials or cookies; missing issuers, and the state of each certificate (one list, one OCSP question), are fetched by plain HTTP from where the certificates say, of the proxy where the question goes through one; a handshake that fails after the server said something is repeated once to keep what it says, and one that fails by an alert about version or parameters, by reset or by close is tried once more with other versions',
      proves: 'TLS is spoken, by whom (chain, names, dates), and that an HTTP service answers inside',
      limits: 'no redirect is followed, and no client certificate is shown',
      transports: ['tcp'],
      example: 'https://login.microsoftonline.com/',
    },
    () => import('./https.ts'),
  ),
  ntp: probe(
    {
      scheme: 'ntp',
      sends:
        'one NTP version 4 request in client mode over UDP from a port of its own, with a random origin stamp in the place of the time; once more where nothing answers',
      proves:
        'a time server answers this very request: its stratum, its source, whether it is synchronised, and how far this machine’s clock is from it',
      limits:
        'the answer is not signed, so whoever stands on the path can write it; silence tells a filter from a host without the service only by comparison',
      transports: ['udp'],
      example: 'ntp://dc01.corp.example',
    },
    () => import('./ntp.ts'),
  ),
  tcp: probe(
    {
      scheme: 'tcp',
      sends: 'one TCP connection, closed a moment later without a payload',
      proves: 'the port accepts connections from here, and does not end them by itself within that moment',
      limits: 'not which service answers, and not that a payload would get through',
      transports: ['tcp'],
      example: 'tcp://dc01.corp.example:49152',
    },
    () => import('./tcp.ts'),
  ),
  tls: probe(
    {
      scheme: 'tls',
      sends:
        'one TCP connection and a TLS 1.2 and 1.3 handshake without ALPN, then nothing more; missing issuers, and the state of each certificate (one list, one OCSP question), are fetched by plain HTTP from where the certificates say, of the proxy where the question goes through one; a handshake that fails after the server said something is repeated once to keep what it says, and one that fails by an alert about version or parameters, by reset or by close is tried once more with other versions',
      proves: 'TLS is spoken, and by whom: chain, names, dates',
      limits: 'not which service answers inside, and no client certificate is shown',
      transports: ['tcp'],
      example: 'tls://sts.corp.example:49443',
    },
    () => import('./tls.ts'),
  ),
  ws: probe(
    {
      scheme: 'ws',
      sends:
        'one TCP connection, through a proxy in a tunnel, and the opening handshake of a WebSocket without credentials; behind a 101 one ping, and a close',
      proves: 'the path carries WebSocket: 101 with the answer to our own key, and a frame in each direction',
      limits:
        'nothing is said in the subprotocol, and a service that wants a sign-in first is seen only as far as that',
      transports: ['tcp'],
      example: 'ws://app.corp.example/live',
    },
    () => import('./ws.ts'),
  ),
  wss: probe(
    {
      scheme: 'wss',
      sends:
        'what tls sends, with ALPN http/1.1, and inside it the opening handshake of a WebSocket without credentials, for a name of Azure Service Bus at /$servicebus/websocket with the subprotocol amqp; behind a 101 one ping, and a close',
      proves:
        'TLS is spoken, by whom, and the path carries WebSocket inside: 101 with the answer to our own key, and a frame in each direction',
      limits:
        'nothing is said in the subprotocol, and a service that wants a sign-in first is seen only as far as that',
      transports: ['tcp'],
      example: 'wss://contoso.servicebus.windows.net/$servicebus/websocket',
    },
    () => import('./wss.ts'),
  ),
})
