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
        'one recursive query with a random id, mixed case and EDNS 1232: SOA of the domain, or NS of the root; again without EDNS where that is not known, and over TCP when the answer was cut; of a name server of the AD domain over UDP also the SRV records by which domain controllers are found, with the addresses of the hosts that they name, and once a controller has said which site this machine is in, those of the site',
      proves: 'the server answers this question: with the right id and the question repeated',
      limits: 'one lost datagram looks like silence; an answer over UDP says nothing of TCP unless it was cut',
      transports: ['udp', 'tcp'],
      example: 'dns://10.0.0.5/corp.example',
    },
    () => import('./dns.ts'),
  ),
  kerberos: probe(
    {
      scheme: 'kerberos',
      sends:
        'one AS-REQ without pre-authentication for the name postern-probe, which nobody has, in the realm of the domain, with etypes 18 and 17 and a random nonce; over UDP once more where nothing has answered in a third of the wait',
      proves: 'a KDC answers this very question: its realm and its clock. An error is the answer that is wanted',
      limits:
        'Samba answers for every realm, so that the realm is proven by LDAP and CLDAP; nobody signs in, and no account is named',
      transports: ['udp', 'tcp'],
      example: 'kerberos://dc01.corp.example',
    },
    () => import('./kerberos.ts'),
  ),
  kpasswd: probe(
    {
      scheme: 'kpasswd',
      sends:
        'one well-formed kpasswd request (RFC 3244) with a random ticket for kadmin/changepw and random contents; over UDP once more where nothing has answered in a third of the wait',
      proves:
        'the password service answers: its realm and its clock. That it cannot read the ticket is the answer that is wanted',
      limits: 'not that a password can be changed; a request that is not well-formed would be met with silence',
      transports: ['udp', 'tcp'],
      example: 'kpasswd://dc01.corp.example',
    },
    () => import('./kpasswd.ts'),
  ),
  epm: probe(
    {
      scheme: 'epm',
      sends:
        'a DCE/RPC bind to the endpoint mapper without credentials, ept_map for drsuapi, netlogon, lsarpc and samr, and for each of them one connection and a bind at the port that it names: those of one port one after the other, and no further where the first gets no answer',
      proves:
        'the endpoint mapper answers, and each interface is served at the port that it gives: the ports of 49152-65535 that are needed here, without a scan',
      limits: 'no operation of an interface is called; a server that lets nobody ask without signing in says so',
      transports: ['tcp'],
      example: 'epm://dc01.corp.example',
    },
    () => import('./epm.ts'),
  ),
  ldap: probe(
    {
      scheme: 'ldap',
      sends: 'one anonymous search of the root DSE, and StartTLS with a handshake where that answers',
      proves:
        'a directory answers; which (Active Directory or another), of which domain, forest and site, whether it is ready, and its clock',
      limits: 'nothing behind a bind is seen, and none is attempted',
      transports: ['tcp'],
      example: 'ldap://dc01.corp.example',
    },
    () => import('./ldap.ts'),
  ),
  ldaps: probe(
    {
      scheme: 'ldaps',
      sends: 'a TLS 1.2 and 1.3 handshake as tls does it, and inside it one anonymous search of the root DSE',
      proves: 'TLS is spoken, by whom, and a directory answers inside; the rest as ldap',
      limits: 'nothing behind a bind is seen, and none is attempted',
      transports: ['tcp'],
      example: 'ldaps://dc01.corp.example',
    },
    () => import('./ldaps.ts'),
  ),
  cldap: probe(
    {
      scheme: 'cldap',
      sends:
        'one Netlogon ping over CLDAP with the domain’s name and a random number; once more where nothing has answered in a third of the wait',
      proves:
        'a domain controller of this very domain answers: its name, forest, site, roles, and the site that it puts this machine in',
      limits: 'silence tells a filter from a host without the service only by comparison',
      transports: ['udp'],
      example: 'cldap://dc01.corp.example',
    },
    () => import('./cldap.ts'),
  ),
  gc: probe(
    {
      scheme: 'gc',
      sends:
        'one anonymous search of the root DSE on the port of the global catalog, and StartTLS with a handshake where that answers',
      proves: 'a directory answers there, and whether its global catalog is ready',
      limits: 'nothing behind a bind is seen, and none is attempted',
      transports: ['tcp'],
      example: 'gc://dc01.corp.example',
    },
    () => import('./ldap.ts'),
  ),
  gcs: probe(
    {
      scheme: 'gcs',
      sends: 'a TLS 1.2 and 1.3 handshake as tls does it, and inside it one anonymous search of the root DSE',
      proves: 'TLS is spoken, by whom, and a directory answers inside; the rest as gc',
      limits: 'nothing behind a bind is seen, and none is attempted',
      transports: ['tcp'],
      example: 'gcs://dc01.corp.example',
    },
    () => import('./ldaps.ts'),
  ),
  smb: probe(
    {
      scheme: 'smb',
      sends:
        'one SMB2 NEGOTIATE with the dialects 2.0.2 to 3.1.1, signing enabled, and a random client GUID; where it is hung up on without an octet, one NEGOTIATE of SMB 1 with the dialect NT LM 0.12, on another connection',
      proves: 'a server of SMB 2 or 3 answers: dialect, whether it wants signing, its GUID, its clock',
      limits: 'no session is set up, and no share is seen',
      transports: ['tcp'],
      example: 'smb://dc01.corp.example',
    },
    () => import('./smb.ts'),
  ),
  winrm: probe(
    {
      scheme: 'winrm',
      sends: 'one POST to /wsman with WSMANIDENTIFY: unauthenticated and the Identify request, without credentials',
      proves: 'Windows Remote Management answers: by name, or by asking for a sign-in as Windows does',
      limits: 'the version of Windows is not told to who does not sign in',
      transports: ['tcp'],
      example: 'winrm://dc01.corp.example',
    },
    () => import('./winrm.ts'),
  ),
  winrms: probe(
    {
      scheme: 'winrms',
      sends: 'a TLS handshake as https does it, and inside it what winrm sends',
      proves: 'TLS is spoken, by whom, and Windows Remote Management answers inside',
      limits: 'the version of Windows is not told to who does not sign in',
      transports: ['tcp'],
      example: 'winrms://dc01.corp.example',
    },
    () => import('./winrms.ts'),
  ),
  adws: probe(
    {
      scheme: 'adws',
      sends:
        'a .NET framing preamble for Active Directory Web Services with the wish to negotiate security, which is not gone on with',
      proves: 'the service answers: it agrees to the upgrade, or refuses in words of its own',
      limits: 'nobody signs in, and no data is asked for',
      transports: ['tcp'],
      example: 'adws://dc01.corp.example',
    },
    () => import('./adws.ts'),
  ),
  amqps: probe(
    {
      scheme: 'amqps',
      sends: 'a TLS handshake as tls does it, and inside it the AMQP 1.0 header for SASL',
      proves: 'TLS is spoken, by whom, and AMQP with SASL answers inside, with its mechanisms',
      limits: 'nothing is sent in SASL, so that no rights are seen',
      transports: ['tcp'],
      example: 'amqps://contoso.servicebus.windows.net',
    },
    () => import('./amqps.ts'),
  ),
  mssql: probe(
    {
      scheme: 'mssql',
      sends: 'one TDS pre-login without an instance',
      proves: 'SQL Server answers: its version, and whether it wants encryption',
      limits: 'no login is begun, so that no database is seen',
      transports: ['tcp'],
      example: 'mssql://sql01.corp.example',
    },
    () => import('./mssql.ts'),
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
        'one TCP connection, a TLS 1.2 and 1.3 handshake with ALPN http/1.1, and one GET without credentials or cookies; missing issuers, and the state of each certificate (one list, one OCSP question), are fetched by plain HTTP from where the certificates say, of the proxy where the question goes through one; a handshake that fails after the server said something is repeated once to keep what it says, and one that fails by an alert about version or parameters, by reset or by close is tried once more with other versions; of an own app, one connection and GET more for each of up to eight redirects within it, with the cookies that it set meanwhile, until it asks for a sign-in, gives a page or has gone round in a circle once more',
      proves:
        'TLS is spoken, by whom (chain, names, dates), and that an HTTP service answers inside; of an own app, where it sends a browser to sign in, with which redirect_uri, client id and tenant, or that it sends to itself without end',
      limits:
        'no redirect is followed but within an own app, nobody signs in, nothing is sent to where the sign-in would be, and no client certificate is shown; a sign-in that a script begins is not seen',
      transports: ['tcp'],
      example: 'https://login.microsoftonline.com/',
    },
    () => import('./https.ts'),
  ),
  ntp: probe(
    {
      scheme: 'ntp',
      sends:
        'one NTP version 4 request in client mode over UDP from a port of its own, with a random origin stamp in the place of the time; once more where nothing has answered in a third of the wait',
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
