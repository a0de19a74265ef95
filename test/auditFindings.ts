import type { Ground } from '../src/audit/askedOf.ts'
import { auditedSite } from '../src/audit/auditedSite.ts'
import { auditFlow } from '../src/audit/auditFlows.ts'
import { catalogTables } from '../src/audit/catalogTables.ts'
import type { Table } from '../src/audit/knowledgeOf.ts'
import { knowledgeOf } from '../src/audit/knowledgeOf.ts'
import type { ReadDevice } from '../src/audit/readDevices.ts'
import { readDevice } from '../src/audit/readDevices.ts'
import type { Audited } from '../src/firewall/audited.ts'
import { findingRules } from '../src/firewall/findings/index.ts'
import { judgePath } from '../src/firewall/judgePath.ts'
import { vendorRows } from '../src/firewall/vendors/index.ts'
import type { Finding } from '../src/model/finding.ts'
import type { Device, DevicePath, Site } from '../src/model/site.ts'
import type { Vendor } from '../src/model/vendor.ts'
import { planFlows } from '../src/plan/planFlows.ts'

/** A head office with a Connect server, a domain controller, an app of its own and people. */
export const office: Site = {
  site: 'hq',
  cloud: 'worldwide',
  tenant: 'contoso.onmicrosoft.com',
  domain: 'corp.example',
  features: ['password-hash-sync', 'pass-through-auth', 'own-app'],
  facts: {},
  hosts: {
    connect01: { roles: ['entra-connect'], addresses: ['10.1.0.10'] },
    dc01: { roles: ['domain-controller', 'dns-server'], name: 'dc01.corp.example', addresses: ['10.1.0.5'] },
    app01: { roles: ['app-8443'], name: 'payroll.corp.example', addresses: ['10.1.0.30'] },
  },
  networks: { staff: { roles: ['user-client'], prefixes: ['10.2.0.0/16'] } },
  resolvers: { internal: [], control: [] },
  proxies: {},
  trust: { certificates: [] },
  names: {},
  flows: [],
  devices: {},
  paths: [],
}

/** The configuration of one device, and what the site file would say of it. */
export interface GivenText {
  readonly vendor: Vendor
  readonly text: string
  readonly interfaces?: Device['interfaces']
  readonly protects?: readonly string[]
}

/** Devices by name, and what else the audit is given. */
export interface GivenAudit {
  readonly site?: Partial<Site>
  readonly devices: Readonly<Record<string, GivenText>>
  /** Absent: from each host and network through all devices to the internet. */
  readonly paths?: readonly DevicePath[]
  readonly tables?: readonly Table[]
  /** Without a site file nothing is planned. */
  readonly isWithoutSite?: boolean
}

/** An audit from texts to findings, by the readers, the plan and the judge that the command has. */
export async function findingsOf(given: GivenAudit): Promise<readonly Finding[]> {
  const { audited, own } = await auditedFrom(given)
  return [...own, ...findingRules.flatMap((find) => find(audited))]
}

export async function auditedFrom({
  site: changes = {},
  devices: texts,
  paths,
  tables = [],
  isWithoutSite = false,
}: GivenAudit): Promise<{ readonly audited: Audited; readonly own: readonly Finding[] }> {
  const base = { ...office, ...changes }
  const through = Object.keys(texts)
  const site: Site = {
    ...base,
    paths:
      paths ??
      [...Object.keys(base.hosts), ...Object.keys(base.networks)].map((from) => ({ from, to: 'internet', through })),
  }
  const devices = await Promise.all(Object.entries(texts).map(([name, text]) => deviceOf(name, text)))
  const ground: Ground = {
    site,
    devices: new Map(devices.map((device) => [device.name, device])),
    knowledge: knowledgeOf([...tables, ...catalogTables(site.cloud)], site),
  }
  const outcomes = isWithoutSite ? [] : planFlows(site).map((flow) => auditFlow(flow, ground, judgePath))
  return {
    audited: {
      devices: devices.map(({ name, vendor, ruleSets, coverage }) => ({ label: name, vendor, ruleSets, coverage })),
      flows: outcomes.flatMap((outcome) => ('audited' in outcome ? [outcome.audited] : [])),
      knowledge: ground.knowledge,
      ...(!isWithoutSite && { site: auditedSite(site) }),
    },
    own: devices.flatMap(({ findings = [] }) => findings),
  }
}

async function deviceOf(name: string, { vendor, text, interfaces = {}, protects }: GivenText): Promise<ReadDevice> {
  const row = vendorRows.find((one) => one.vendor === vendor)
  if (row === undefined) throw new Error(`no reader for ${vendor}`)
  const files = [{ name: `${name}.txt`, text }]
  return readDevice({ name, row, files, interfaces, ...(protects !== undefined && { protects }) })
}
