import { adfs, client, console, dc, federation, hops, ports, wap } from './places.ts'
import type { Expected, Row } from './row.ts'
import type { WholeFlowId } from './wholeSite.ts'
import { beyond, certauthSiteText, frontPorts, responderPorts, siteByProxy, spare, wholeFlowIds } from './wholeSite.ts'

type WholeRow = Row<WholeFlowId>

const certificatePort = 49443
const certauth = `certauth.${federation}`
const metadata = '/FederationMetadata/2007-06/FederationMetadata.xml'
const titleAt = (place: { readonly address: string }): string =>
  `title:${place.address}:${ports.https}:${federation}:${metadata}`
const wantsAt = (port: number, name: string = federation): string => `wants:${wap.address}:${port}:${name}`
const ownEntity = `200 http://${federation}/adfs/services/trust`
const socketAt = (port: number): string => `socket:${beyond.bus.address}:${port}:${beyond.bus.name}`

/** From the federation proxy's own machine, as the site file calls it. */
const fromProxy = { on: 'wap', host: 'wap1' } as const

/** What another machine asks for, or this one at a site of another kind. */
const elsewhere: ReadonlySet<WholeFlowId> = new Set(['t4-https', 'adfs-dc', 'adfs-certauth-443'])

/** What the tables open to the client, by hand: the resolver, and Service Bus at 5671, beside them. */
const opened = [
  { to: dc.address, tcp: '53, 88, 135, 389, 445, 636, 3268, 5985, 9389, 49152-65535', udp: '53, 88, 389' },
  { to: adfs.address, tcp: '80, 443, 5985' },
  { to: wap.address, tcp: '80, 443, 5985, 49443' },
  { to: '10.77.50.0/24', tcp: '80, 443, 5671' },
  { to: beyond.resolver, tcp: '53', udp: '53' },
] as const

/** The firewall drops what the client sends beyond that, ICMP with it. */
const nothingElse = [
  ...opened.flatMap(({ to, ...by }) =>
    Object.entries(by).map(
      ([over, list]) => `ip saddr ${client.address} ip daddr ${to} ${over} dport { ${list} } accept`,
    ),
  ),
  `ip saddr ${client.address} drop`,
].join('\n')

const healthyWhole: WholeRow = {
  id: 'whole-site-in-order',
  breaks: 'Nothing: a whole site, whose firewall passes what the tables list and drops the rest.',
  forward: nothingElse,
  tasks: [
    `title:${adfs.address}:${ports.https}:${federation}:${metadata}`,
    titleAt(wap),
    wantsAt(certificatePort),
    wantsAt(ports.https, certauth),
    wantsAt(ports.https),
    socketAt(ports.https),
    socketAt(ports.http),
    `knock:${dc.address}:389`,
    `knock:${dc.address}:3269`,
    `knock:${wap.address}:${spare.otherFarm}`,
  ],
  shows: `${ownEntity}, ${ownEntity}, asked, asked, not asked, 101, 101, connected, silence, silence`,
  asks: wholeFlowIds.filter((id) => !elsewhere.has(id)),
}

const healthyFarm: WholeRow = {
  id: 'federation-server-in-order',
  breaks: 'Nothing: the federation server looks at the domain controller.',
  from: { on: 'adfs', host: 'adfs1' },
  tasks: [`knock:${dc.address}:389`, `knock:${dc.address}:135`],
  shows: 'connected, connected',
  asks: ['adfs-dc'],
}

const healthyCertauth: WholeRow = {
  id: 'certificate-name-in-order',
  breaks: 'Nothing: people sign in with a certificate at a name of its own.',
  site: certauthSiteText,
  tasks: [wantsAt(ports.https, certauth)],
  shows: 'asked',
  asks: ['adfs-certauth-443', 't5-https'],
}

const healthyProxy: WholeRow = {
  id: 'federation-proxy-in-order',
  breaks: 'Nothing: the federation proxy looks at the federation server behind it.',
  from: fromProxy,
  tasks: [titleAt(adfs)],
  shows: ownEntity,
  asks: ['t4-https'],
}

/** Nothing is broken, from each machine that opens connections. */
export const healthySites: readonly WholeRow[] = [healthyWhole, healthyProxy, healthyFarm, healthyCertauth]

/** Statements by which the firewall leads what is for a door to another one. */
const lead = (of: { readonly address: string }, port: number, to: string): string =>
  `ip daddr ${of.address} tcp dport ${port} dnat ip to ${to}`
const leadProxy = (port: number, to: number): string => lead(wap, port, `${wap.address}:${to}`)
const leadHere = (port: number, to: number): string =>
  `ip saddr ${client.address} ip daddr ${beyond.bus.address} tcp dport ${port} redirect to :${to}`
const leadResponder = (to: number): string => lead(beyond.responder, ports.http, `${beyond.responder.address}:${to}`)

const federationRows: readonly WholeRow[] = [
  {
    id: 'certificate-port-filtered',
    breaks: 'The firewall drops 49443 of the federation proxy, where 443 works.',
    forward: `ip daddr ${wap.address} tcp dport ${certificatePort} drop`,
    tasks: [`knock:${wap.address}:${certificatePort}`, titleAt(wap)],
    shows: `silence, ${ownEntity}`,
    asks: ['t5-certauth', 't5-https'],
    expect: {
      flows: ['t5-certauth'],
      verdict: 'blocked',
      cause: 'filtered-silently',
      confidence: 'likely',
      owner: 'firewall',
    },
    timeoutMs: 1500,
  },
  {
    id: 'certificate-port-asks-nobody',
    breaks: 'A wrong translation leads 49443 of the federation proxy to its 443, which asks for no certificate.',
    leads: leadProxy(certificatePort, ports.https),
    tasks: [wantsAt(certificatePort), titleAt(wap)],
    shows: `not asked, ${ownEntity}`,
    asks: ['t5-certauth', 't5-https'],
    expect: {
      flows: ['t5-certauth'],
      verdict: 'wrong',
      cause: 'mtls-terminated',
      confidence: 'likely',
      owner: 'network',
    },
  },
  {
    id: 'certificate-port-on-a-console',
    breaks: 'A wrong translation leads 49443 of the federation proxy to the console of the firewall.',
    leads: lead(wap, certificatePort, `${console.address}:${ports.https}`),
    tasks: [`issuer:${wap.address}:${certificatePort}:${federation}`, titleAt(wap)],
    shows: `${console.name} by ${console.name}, ${ownEntity}`,
    asks: ['t5-certauth', 't5-https'],
    expect: {
      flows: ['t5-certauth'],
      verdict: 'wrong',
      cause: 'wrong-target-dnat',
      confidence: 'certain',
      owner: 'firewall',
    },
  },
  {
    id: 'certauth-not-named',
    breaks:
      'The certificate of the federation proxy names the federation service, and not the name of certificate sign-in.',
    site: certauthSiteText,
    leads: leadProxy(ports.https, spare.withoutCertauth),
    tasks: [`issuer:${wap.address}:${ports.https}:${certauth}`, wantsAt(ports.https, certauth), titleAt(wap)],
    shows: `${federation} by Beyond Root CA, asked, ${ownEntity}`,
    asks: ['adfs-certauth-443', 't5-https'],
    expect: {
      flows: ['adfs-certauth-443'],
      verdict: 'wrong',
      cause: 'name-mismatch',
      confidence: 'certain',
      owner: 'host',
    },
  },
  {
    id: 'proxy-before-a-console',
    breaks: 'The federation proxy hands on to the console of the firewall, which answers in the place of the farm.',
    leads: leadProxy(ports.https, spare.toConsole),
    tasks: [titleAt(wap), `issuer:${wap.address}:${ports.https}:${federation}`],
    shows: `200 FortiGate Login, ${federation} by Beyond Root CA`,
    asks: ['t5-https', 't5-certauth'],
    expect: {
      flows: ['t5-https'],
      verdict: 'wrong',
      cause: 'http-page-on-api',
      confidence: 'likely',
      owner: 'proxy',
    },
  },
  {
    id: 'proxy-of-another-farm',
    breaks: 'A federation proxy with the right certificate has the farm of the partner behind it.',
    leads: leadProxy(ports.https, spare.otherFarm),
    tasks: [titleAt(wap)],
    shows: '200 http://sts.partner.example/adfs/services/trust',
    tells: /t5-https .* with the metadata of sts\.partner\.example/,
    asks: ['t5-https', 't5-certauth'],
    expect: {
      flows: ['t5-https'],
      verdict: 'wrong',
      cause: 'not-the-service',
      confidence: 'likely',
      owner: 'host',
    },
  },
  {
    id: 'farm-filtered-from-proxy',
    breaks: 'The firewall drops 443 from the federation proxy to the federation server.',
    from: fromProxy,
    forward: `ip saddr ${wap.address} ip daddr ${adfs.address} tcp dport ${ports.https} drop`,
    tasks: [`knock:${adfs.address}:${ports.https}`, `knock:${adfs.address}:${ports.http}`],
    shows: 'silence, connected',
    asks: ['t4-https'],
    expect: {
      flows: ['t4-https'],
      verdict: 'blocked',
      cause: 'filtered-silently',
      confidence: 'likely',
      owner: 'firewall',
    },
    timeoutMs: 1500,
  },
  {
    id: 'farm-led-to-a-console',
    breaks: 'A wrong translation leads the federation proxy to the console of the firewall in place of the farm.',
    from: fromProxy,
    leads: lead(adfs, ports.https, `${console.address}:${ports.https}`),
    tasks: [`issuer:${adfs.address}:${ports.https}:${federation}`],
    shows: `${console.name} by ${console.name}`,
    asks: ['t4-https'],
    expect: {
      flows: ['t4-https'],
      verdict: 'wrong',
      cause: 'wrong-target-dnat',
      confidence: 'certain',
      owner: 'firewall',
    },
  },
]

/** What a client without Postern hears of the certificate; it verifies no signature. */
const heard = (mark: RegExp): NonNullable<WholeRow['leaves']> => ({
  on: 'client',
  command: `openssl ocsp -issuer $FOLDER/beyond-ca.pem -cert $FOLDER/asking-alone.pem -url http://${beyond.responder.address}:80 -noverify -no_nonce`,
  mark,
})
const shakeAsking = `issuer:${beyond.asking.address}:${ports.https}:${beyond.asking.name}`
const asking = `${beyond.asking.name} by Beyond Root CA`
const unsettled: Pick<Expected<WholeFlowId>, 'flows' | 'verdict' | 'cause'> = {
  flows: ['asking'],
  verdict: 'degraded',
  cause: 'revocation-unreachable',
}

const responderRows: readonly WholeRow[] = [
  {
    id: 'responder-filtered',
    breaks: 'The firewall drops port 80 of the responder that a certificate names.',
    forward: `ip daddr ${beyond.responder.address} tcp dport ${ports.http} drop`,
    tasks: [shakeAsking, `knock:${beyond.responder.address}:${ports.http}`, `knock:${beyond.cloud}:${ports.http}`],
    shows: `${asking}, silence, connected`,
    asks: ['asking', 'bus-socket'],
    expect: { ...unsettled, confidence: 'likely', owner: 'firewall' },
    timeoutMs: 1500,
  },
  {
    id: 'responder-revokes',
    breaks: 'The certificate of an app was revoked, and the responder that it names says so.',
    leads: leadResponder(responderPorts.revoked),
    tasks: [shakeAsking],
    shows: asking,
    leaves: heard(/: revoked\n/),
    asks: ['asking', 'bus-socket'],
    expect: { flows: ['asking'], verdict: 'blocked', cause: 'revoked', confidence: 'certain', owner: 'pki' },
  },
  {
    id: 'responder-gone',
    breaks: 'Nobody listens at the port of the responder that a certificate names.',
    leads: leadResponder(ports.closed),
    tasks: [shakeAsking, `knock:${beyond.responder.address}:${ports.http}`],
    shows: `${asking}, ECONNREFUSED`,
    asks: ['asking', 'bus-socket'],
    expect: { ...unsettled, confidence: 'certain', owner: 'firewall' },
  },
  {
    id: 'responder-page',
    breaks: 'A web page stands where the responder should answer that a certificate names.',
    leads: leadResponder(responderPorts.page),
    tasks: [shakeAsking, `greet:${beyond.responder.address}:${ports.http}`],
    shows: `${asking}, HTTP/1.1 200 OK`,
    asks: ['asking', 'bus-socket'],
    expect: { ...unsettled, confidence: 'certain', owner: 'proxy' },
  },
]

const tunnelBy = (port: number): string => `tunnel:${hops.firewall}:${port}:${beyond.bus.name}:${ports.https}`

const stripped: Pick<Expected, 'verdict' | 'cause' | 'owner'> = {
  verdict: 'blocked',
  cause: 'upgrade-stripped',
  owner: 'proxy',
}

const socketRows: readonly WholeRow[] = [
  {
    id: 'upgrade-stripped-by-front',
    breaks: 'A reverse proxy of nginx before Service Bus, with its certificate, does not hand on the upgrade.',
    leads: leadHere(ports.https, frontPorts.strips),
    tasks: [socketAt(ports.https), socketAt(ports.http)],
    shows: '426, 101',
    asks: ['bus-socket', 'bus-plain', 'bus-amqps'],
    expect: { flows: ['bus-socket'], ...stripped, confidence: 'likely' },
  },
  {
    id: 'upgrade-stripped-by-squid',
    breaks: 'The firewall leads plain HTTP through squid, which hands on no upgrade.',
    leads: leadHere(ports.http, frontPorts.squidStrips),
    tasks: [socketAt(ports.http), socketAt(ports.https)],
    shows: '426, 101',
    asks: ['bus-socket', 'bus-plain', 'bus-amqps'],
    // What squid hands back no longer says which protocol the server wants.
    expect: { flows: ['bus-plain'], ...stripped, confidence: 'possible' },
  },
]

const bumping: WholeRow = {
  id: 'upgrade-stripped-by-bumping',
  breaks: 'The proxy opens TLS, with an authority that has been rolled out, and hands on no upgrade.',
  site: siteByProxy(frontPorts.squidBumps),
  environment: { NODE_EXTRA_CA_CERTS: '$FOLDER/inspector.pem' },
  tasks: [tunnelBy(frontPorts.squidBumps), socketAt(ports.https)],
  shows: '200, 101',
  asks: ['bus-socket'],
  expect: { flows: ['bus-socket'], ...stripped, confidence: 'likely' },
}

export const wholeFaults: readonly WholeRow[] = [...federationRows, ...responderRows, ...socketRows, bumping]

/** What is odd at a whole site, and breaks nothing that is asked for. */
export const wholeOddities: readonly WholeRow[] = [
  {
    id: 'responder-in-order',
    breaks: 'The certificate of an app names a responder, which knows it as good.',
    tasks: [shakeAsking],
    shows: asking,
    leaves: heard(/: good\n/),
    asks: ['asking'],
  },
  {
    id: 'certificate-port-in-one-version',
    breaks: 'The port of certificate sign-in speaks TLS 1.2 alone, and asks.',
    leads: leadProxy(certificatePort, spare.asksInTwo),
    tasks: [wantsAt(certificatePort)],
    shows: 'asked',
    tells: /t5-certauth .* certain .* speaks TLSv1\.2 and asks for a client certificate/,
    asks: ['t5-certauth', 't5-https'],
  },
  {
    id: 'certificate-port-insists',
    breaks: 'The port of certificate sign-in speaks TLS 1.3 alone, and leaves who has no certificate.',
    leads: leadProxy(certificatePort, spare.insistsInThree),
    tasks: [wantsAt(certificatePort), `knock:${wap.address}:${certificatePort}`],
    shows: 'alert, connected',
    tells: /t5-certauth .* certain .* TLSv1\.3 and (asks for|wants) a client certificate/,
    asks: ['t5-certauth', 't5-https'],
  },
  {
    id: 'farm-with-an-old-identifier',
    breaks: 'The farm got a new name, and kept the identifier of the old one.',
    leads: leadProxy(ports.https, spare.ownIdentifier),
    tasks: [titleAt(wap)],
    shows: '200 http://fs.old.example/adfs/services/trust',
    asks: ['t5-https', 'proxy-openid'],
  },
  {
    id: 'proxy-without-its-farm',
    breaks: 'The federation proxy does not reach its farm, and says so itself (503): the way to it is open.',
    forward: `ip saddr ${wap.address} ip daddr ${adfs.address} drop`,
    tasks: [titleAt(wap)],
    shows: '503 Service Unavailable',
    tells:
      /t5-https .* likely .* HTTP 503 .* the service itself reports an error, and its federation metadata is not to be had/,
    asks: ['t5-https', 't5-certauth'],
    timeoutMs: 3000,
  },
  {
    id: 'front-that-hands-on',
    breaks: 'A reverse proxy of nginx before Service Bus hands on the upgrade, and takes out who asks.',
    leads: leadHere(ports.https, frontPorts.passes),
    tasks: [socketAt(ports.https)],
    shows: '101',
    asks: ['bus-socket'],
  },
  {
    id: 'squid-that-hands-on',
    breaks: 'The firewall leads plain HTTP through squid, which hands on the upgrade, and takes out who asks.',
    leads: leadHere(ports.http, frontPorts.squidPasses),
    tasks: [socketAt(ports.http)],
    shows: '101',
    asks: ['bus-plain'],
  },
  {
    id: 'proxy-that-hands-on',
    breaks: 'Everything goes out by squid, which opens tunnels and looks into none.',
    site: siteByProxy(frontPorts.squidPlain),
    tasks: [tunnelBy(frontPorts.squidPlain)],
    shows: '200',
    asks: ['bus-socket'],
  },
]
