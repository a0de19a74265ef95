import { app, certificateFiles, client, nameServer, portal, ports } from './places.ts'

/** What the check asks for: the flows of the site by their ids. */
export const flowIds = [
  'app-web',
  'app-alternate',
  'app-third',
  'app-port',
  'app-plain',
  'app-mute',
  'app-hung',
  'app-slow',
  'app-closed',
  'portal-web',
  'portal-alternate',
  'names-udp',
  'names-tcp',
] as const
export type FlowId = (typeof flowIds)[number]

/** The site file of the small routed network. The app is known by its name, which a mapping leads to its address. */
export const siteText = `site: routed
domain: corp.example
hosts:
  here: { roles: [domain-member], addresses: ["${client.address}"] }
  app: { roles: [published-app], name: ${app.name} }
  portal: { roles: [published-app], name: ${portal.name}, addresses: ["${portal.address}"] }
  ns: { roles: [dns-server], addresses: ["${nameServer.address}"] }
names: { ${app.name}: ${app.address} }
trust: { certificates: [${certificateFiles.ca}] }
flows:
  - { id: app-web, from: here, to: app, ports: [${ports.https}], transport: [tcp], service: https }
  - { id: app-alternate, from: here, to: app, ports: [${ports.alternate}], transport: [tcp], service: https }
  - { id: app-third, from: here, to: app, ports: [${ports.third}], transport: [tcp], service: https }
  - { id: app-port, from: here, to: app, ports: [${ports.tcp}], transport: [tcp], service: tcp }
  - { id: app-mute, from: here, to: app, ports: [${ports.tcp}], transport: [tcp], service: tls }
  - { id: app-hung, from: here, to: app, ports: [${ports.hung}], transport: [tcp], service: https }
  - { id: app-slow, from: here, to: app, ports: [${ports.slow}], transport: [tcp], service: http }
  - { id: app-closed, from: here, to: app, ports: [${ports.closed}], transport: [tcp], service: https }
  - { id: app-plain, from: here, to: app, ports: [${ports.http}], transport: [tcp], service: http }
  - { id: portal-web, from: here, to: portal, ports: [${ports.https}], transport: [tcp], service: https }
  - { id: portal-alternate, from: here, to: portal, ports: [${ports.alternate}], transport: [tcp], service: https }
  - { id: names-udp, from: here, to: ns, ports: [${nameServer.port}], transport: [udp], service: dns }
  - { id: names-tcp, from: here, to: ns, ports: [${nameServer.port}], transport: [tcp], service: dns }
`
