import type { Flow } from '../src/model/flow.ts'
import type { Site } from '../src/model/site.ts'
import { flowOf } from './sampleFlows.ts'

/** A site with hosts in and outside of its networks, for audits. */
export const auditSite: Site = {
  site: 'hq',
  cloud: 'worldwide',
  features: [],
  facts: {},
  hosts: {
    connect01: { roles: ['entra-connect'], addresses: ['10.1.0.10'] },
    dc01: { roles: ['domain-controller'], name: 'dc01.corp.example', addresses: ['10.1.0.5'] },
    dc02: { roles: ['domain-controller'], addresses: ['10.1.0.6', '10.9.0.6'] },
    squid01: { roles: ['outbound-proxy'], name: 'proxy.corp.example', addresses: ['10.1.0.40'] },
  },
  networks: {
    servers: { roles: [], prefixes: ['10.1.0.0/24'] },
    staff: { roles: ['user-client'], prefixes: ['10.2.0.0/16'] },
    desks: { roles: [], prefixes: ['10.2.3.0/24'] },
  },
  resolvers: { internal: [], control: [] },
  proxies: {
    egress: { url: 'http://proxy.corp.example:3128', usedBy: ['connect01'] },
    cloud: { url: 'http://203.0.114.9:8080', usedBy: ['connect01'] },
    far: { url: 'http://proxy.elsewhere.example:8080', usedBy: ['connect01'] },
  },
  trust: { certificates: [] },
  names: {},
  flows: [],
  devices: {},
  paths: [],
}

/** `connect01` signs in. */
export const toEntra: Flow = flowOf({
  flow: 't2-https-sync',
  to: 'entra-id',
  toRole: 'entra-id',
  direction: 'outbound-internet',
  purpose: 'Synchronization with Entra ID',
  target: { name: 'login.microsoftonline.com', port: 443, transport: 'tcp', service: 'https' },
})
