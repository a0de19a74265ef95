import { adfs, certificateFiles, client, dc, federation, hops, wap } from './places.ts'

/** Servers outside of a whole site, all in the namespace `cloud`. */
export const beyond = {
  cloud: '10.77.50.80',
  resolver: '10.77.50.54',
  /** Service Bus: AMQP and WebSocket, and WebSocket in clear behind a front of nginx. */
  bus: { address: '10.77.50.87', name: 'relay01.servicebus.windows.net' },
  /** A server whose certificate names a responder, and where that is. */
  asking: { address: '10.77.50.88', name: 'portal.corp.example' },
  responder: { address: '10.77.50.89', name: 'ocsp.outside.example' },
} as const

/** Doors of the federation proxy that no client asks for: each serves what one row leads its clients to. */
export const spare = {
  withoutCertauth: 8441,
  toConsole: 8442,
  otherFarm: 8443,
  ownIdentifier: 8444,
  asksInTwo: 8445,
  insistsInThree: 8446,
} as const

/** Of fronts of nginx at the responder's address: 80 leads to one that knows the certificate as good. */
export const responderPorts = { revoked: 83, page: 84 } as const

/** Of the firewall, through which a row leads what is for Service Bus: fronts of nginx, and squid. */
export const frontPorts = {
  strips: 3150,
  passes: 3151,
  squidPlain: 3152,
  squidStrips: 3153,
  squidPasses: 3154,
  squidBumps: 3155,
} as const

/** Tables of the ports article. */
export const tables: readonly string[] = ['1', '2', '3', '4', '5', '6a', '6b', '7a', '7b']

export const wholeFlowIds = [
  't1-dns',
  't1-kerberos',
  't1-rpc-epm',
  't1-ldap',
  't1-smb',
  't1-ldaps',
  't1-rpc-dynamic',
  't1-winrm',
  't1-adws',
  't1-gc',
  't2-http-crl',
  't2-https-sync',
  't3-http',
  't3-https',
  't3-winrm',
  't4-https',
  't5-https',
  't5-certauth',
  't6a-http',
  't6a-https',
  't6b-https',
  't7a-amqps',
  't7a-https',
  't7b-endpoints',
  't7b-http',
  'adfs-certauth-443',
  'adfs-probe',
  'adfs-clients',
  'adfs-dc',
  'pta-status-8080',
  'farm-openid',
  'proxy-openid',
  'bus-amqps',
  'bus-socket',
  'bus-plain',
  'asking',
] as const
export type WholeFlowId = (typeof wholeFlowIds)[number]

/**
 * The site file: the client is the server of every agent, and a user; each other machine is one of its own.
 *
 * @param certauth whether people sign in with a certificate at a name of its own, and not at 49443
 * @param proxy the port of the firewall's squid by which the client goes out
 */
const siteBy = (certauth: boolean, proxy?: number): string => `site: whole
tenant: 5f0c9a3e-8f1d-4d57-9c39-0f2f6f6f1f10
domain: corp.example
federation-service: ${federation}
features: [password-hash-sync, password-writeback, seamless-sso, ldaps, ad-fs, certificate-auth, pass-through-auth, connect-health]
facts: { wizard-manages-ad-fs: true, old-health-agent: true, filter-by-address-only: false, certauth-on-443: ${certauth}, wpad: false }
hosts:
  here: { roles: [entra-connect, pta-agent, health-agent, user-client, intranet-client, load-balancer], addresses: ["${client.address}"] }
  dc1: { roles: [domain-controller, dns-server], name: ${dc.name}, addresses: ["${dc.address}"] }
  adfs1: { roles: [adfs], name: ${adfs.name}, addresses: ["${adfs.address}"] }
  wap1: { roles: [wap], name: ${wap.name}, addresses: ["${wap.address}"] }
  bus: { roles: [published-app], name: ${beyond.bus.name} }
  asking: { roles: [published-app], name: ${beyond.asking.name} }
  sts-inside: { roles: [published-app], name: ${federation}, addresses: ["${adfs.address}"] }
  sts-outside: { roles: [published-app], name: ${federation}, addresses: ["${wap.address}"] }
resolvers: { internal: ["${beyond.resolver}"] }
${proxy === undefined ? '' : `proxies: { egress: { url: "http://${hops.firewall}:${proxy}", used-by: [here] } }\n`}\
trust: { certificates: [beyond-ca.pem, ${certificateFiles.ca}] }
names: { "*:443": ":443", "*:80": ":80", "*:5671": ":5671", "*:8080": ":8080", "${beyond.responder.name}:80": "${beyond.responder.address}:80" }
flows:
  - { id: farm-openid, from: here, to: sts-inside, ports: [443], transport: [tcp], service: https, path: /adfs/.well-known/openid-configuration }
  - { id: proxy-openid, from: here, to: sts-outside, ports: [443], transport: [tcp], service: https, path: /adfs/.well-known/openid-configuration }
  - { id: bus-amqps, from: here, to: bus, ports: [5671], transport: [tcp], service: amqps, direction: outbound-internet }
  - { id: bus-socket, from: here, to: bus, ports: [443], transport: [tcp], service: wss, direction: outbound-internet }
  - { id: bus-plain, from: here, to: bus, ports: [80], transport: [tcp], service: ws, direction: outbound-internet }
  - { id: asking, from: here, to: asking, ports: [443], transport: [tcp], service: https }
`

export const wholeSiteText = siteBy(false)
export const certauthSiteText = siteBy(true)
export const siteByProxy = (proxy: number): string => siteBy(false, proxy)
