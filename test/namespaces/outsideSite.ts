import { tenant } from '../../src/lab/servers/tenant.ts'
import { app, certificateFiles, client, portal, ports } from './places.ts'

/** Servers outside, all in the namespace `cloud`. */
export const outside = {
  cloud: '10.77.50.80',
  /** One name of the cloud has an address of its own. */
  apart: '10.77.50.85',
  /** Whoever is led there is to sign in to the network first. */
  hotspot: '10.77.50.81',
  proxy: '10.77.50.30',
  resolver: '10.77.50.54',
  control: '10.77.50.55',
  /** A server whose certificate says where its state is told, and where it is. */
  listed: '10.77.50.82',
  /** Another server of the partner. */
  second: '10.77.50.86',
  pki: { address: '10.77.50.83', name: 'pki.outside.example' },
  tenant: tenant.id,
} as const

/** Of the proxy by what it does, and of the inspecting one on the firewall. */
export const outsidePorts = {
  proxy: 3128,
  asks: 3129,
  denies: 3130,
  https: 3131,
  nobody: 3199,
  plain: 3140,
  inspects: 3143,
} as const

/** A name of the cloud that filters are tried with. */
export const filtered = 'management.azure.com'
/** One that records of a site are tried with. */
export const registration = 'enterpriseregistration.windows.net'

/** Names that a connector's machine calls under TLS. */
export const cloudNames = [
  'login.windows.net',
  'login.microsoftonline.com',
  'autoupdate.msappproxy.net',
  'ssprdedicatedsbprodscu.servicebus.windows.net',
  'secure.aadcdn.microsoftonline-p.com',
  'adminwebservice.microsoftonline.com',
  'aadcdn.msauth.net',
  'aadcdn.msftauth.net',
  registration,
  filtered,
  'ctldl.windowsupdate.com',
  'www.microsoft.com',
  'policykeyservice.dc.ad.msft.net',
] as const

export const outsideFlowIds = ['pnc-https', 'pnc-http', 'partner', 'partner-web', 'app'] as const
export type OutsideFlowId = (typeof outsideFlowIds)[number]

interface Wishes {
  /** The port of the proxy through which everything goes out. */
  readonly proxy?: number
  /** It is another machine that goes out by it. */
  readonly proxyOfOthers?: true
  readonly resolvers?: readonly string[]
}

/** The site file: the client is the machine of a connector. Every name is looked up, and dialled where it is said to be. */
export const outsideSiteBy = ({ proxy, proxyOfOthers, resolvers = [outside.resolver] }: Wishes): string => `\
site: outside
tenant: ${outside.tenant}
domain: corp.example
features: [application-proxy]
facts: { wpad: false, constrained-delegation: false, groups-overage: true }
hosts:
  here: { roles: [private-network-connector], addresses: ["${client.address}"] }
  there: { roles: [private-network-connector], addresses: ["10.77.9.9"] }
  partner: { roles: [scim-app], name: ${portal.name} }
  app: { roles: [published-app], name: ${app.name} }
resolvers: { internal: [${resolvers.map((one) => `"${one}"`).join(', ')}], control: ["${outside.control}"] }
${proxy === undefined ? '' : `proxies: { egress: { url: "http://${outside.proxy}:${proxy}", used-by: [${proxyOfOthers ? 'there' : 'here'}] } }\n`}\
trust: { certificates: [outside-ca.pem, ${certificateFiles.ca}] }
names: { "*:443": ":443", "*:80": ":80", "${outside.pki.name}:80": "${outside.pki.address}:80" }
flows:
  - { id: partner, from: here, to: partner, ports: [${ports.alternate}], transport: [tcp], service: https, direction: outbound-internet }
  - { id: partner-web, from: here, to: partner, ports: [${ports.https}], transport: [tcp], service: https, direction: outbound-internet }
  - { id: app, from: here, to: app, ports: [${ports.https}], transport: [tcp], service: https }
`

export const outsideSiteText = outsideSiteBy({})
