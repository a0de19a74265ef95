import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import type { GivenAudit } from '../../../test/auditFindings.ts'
import { findingsOf, office } from '../../../test/auditFindings.ts'
import { parseSite } from '../../config/parseSite.ts'
import type { Finding } from '../../model/finding.ts'
import type { Site } from '../../model/site.ts'
import type { Vendor } from '../../model/vendor.ts'

const caseOf = (path: string): string => readFileSync(new URL(`../vendors/${path}`, import.meta.url), 'utf8')

/** Findings as a reader of the list sees them, without those of rules that are only untidy. */
const told = (findings: readonly Finding[]): readonly string[] =>
  findings
    .filter(({ code }) => !untidy.has(code))
    .map(({ code, severity, where: { line } }) => `${severity} ${code}${line === undefined ? '' : ` at ${line}`}`)
    .toSorted()

const untidy: ReadonlySet<string> = new Set(['redundant', 'generalised', 'correlated', 'dead-code', 'unread-statement'])

test('the healthy example has no findings', async () => {
  const folder = new URL('../../../examples/', import.meta.url)
  const parsed = parseSite(readFileSync(new URL('hq.yaml', folder), 'utf8'), 'hq.yaml')
  assert.ok('site' in parsed)
  const { site } = parsed
  const edge = site.devices['edge']
  const findings = await findingsOf({
    site,
    paths: site.paths,
    devices: {
      edge: {
        vendor: 'nftables',
        text: readFileSync(new URL('edge.nft', folder), 'utf8'),
        ...(edge !== undefined && { interfaces: edge.interfaces }),
      },
    },
  })
  assert.deepEqual(findings, [])
})

interface Realistic {
  readonly vendor: Vendor
  readonly file: string
  /** Addresses of the machines of the site in this file. */
  readonly hosts: Site['hosts']
  readonly more?: Partial<GivenAudit>
  readonly interfaces?: Readonly<Record<string, readonly string[]>>
  readonly protects?: readonly string[]
  readonly expected: readonly string[]
}

const connect = (address: string): Site['hosts'] => ({
  connect01: { roles: ['entra-connect'], addresses: [address] },
  dc01: { roles: ['domain-controller'], addresses: [address.replace(/\d+$/, '5')] },
  app01: { roles: ['app-8443'], addresses: [address.replace(/\d+$/, '230')] },
})

const linux = { lan0: ['10.10.0.0/16', '2001:db8:10::/48'], wan0: ['0.0.0.0/0', '::/0'] }

/** What is wrong in files as people export them, and nothing else. */
const realistic: readonly Realistic[] = [
  {
    vendor: 'fortigate',
    file: 'fortigate/cases/realistic.conf',
    hosts: { ...connect('10.20.0.30'), pta01: { roles: ['pta-agent'], addresses: ['10.20.0.31'] } },
    expected: ['high revocation-blocked at 310', 'low open-inbound at 276'],
  },
  {
    vendor: 'asa',
    file: 'asa/cases/realistic.cfg',
    hosts: { ...connect('10.1.0.10'), pta01: { roles: ['pta-agent'], addresses: ['10.1.0.12'] } },
    expected: ['low open-inbound at 68', 'low open-inbound at 69', 'low unneeded-port at 62'],
  },
  {
    vendor: 'nftables',
    file: 'nftables/cases/realistic.nft',
    hosts: connect('10.10.20.15'),
    interfaces: linux,
    expected: ['low unneeded-port at 98'],
  },
  {
    vendor: 'iptables',
    file: 'iptables/cases/realistic.v4',
    hosts: connect('10.10.20.15'),
    interfaces: linux,
    expected: ['low open-inbound at 51', 'low unneeded-port at 71'],
  },
  {
    vendor: 'palo-alto',
    file: 'paloAlto/cases/realistic.xml',
    hosts: connect('10.20.0.30'),
    expected: ['low open-inbound at 119'],
  },
  {
    vendor: 'azure-firewall',
    file: 'azureFirewall/cases/realistic.json',
    hosts: connect('10.20.2.4'),
    expected: ['low open-inbound at 244', 'low open-inbound at 263', 'low unneeded-port at 500'],
  },
  {
    vendor: 'azure-firewall',
    file: 'azureFirewall/cases/realistic.json',
    hosts: {
      ...connect('10.20.2.4'),
      adfs01: { roles: ['adfs'], addresses: ['10.20.1.20'] },
      wap01: { roles: ['wap'], addresses: ['10.20.5.4'] },
    },
    more: {
      site: { features: ['password-hash-sync', 'ad-fs', 'certificate-auth'], federationService: 'sts.corp.example' },
    },
    expected: ['low unneeded-port at 500'],
  },
  {
    vendor: 'azure-nsg',
    file: 'azureNsg/cases/realistic.json',
    hosts: connect('10.20.2.4'),
    protects: ['connect01'],
    expected: ['low open-inbound at 1158', 'low open-inbound at 1173', 'low unneeded-port at 674'],
  },
  {
    vendor: 'aws',
    file: 'aws/cases/realistic.json',
    hosts: connect('10.40.2.10'),
    protects: ['connect01'],
    expected: ['high dangling-reference at 136', 'high return-blocked at 858', 'low open-inbound at 626'],
  },
  {
    vendor: 'gcp',
    file: 'gcp/cases/realistic.json',
    hosts: connect('10.1.0.10'),
    protects: ['connect01'],
    expected: ['high forbidden-flow-open at 61'],
  },
  {
    vendor: 'squid',
    file: 'squid/cases/realistic.conf',
    hosts: connect('10.1.0.10'),
    expected: ['high authenticated-proxy at 21', 'low proxy-port at 15'],
  },
  { vendor: 'pfsense', file: 'pfsense/cases/realistic.xml', hosts: connect('10.1.0.10'), expected: [] },
  {
    vendor: 'ios',
    file: 'ios/cases/realistic.cfg',
    hosts: { connect01: { roles: ['entra-connect'], addresses: ['10.1.0.10'] } },
    expected: [],
  },
  {
    vendor: 'windows',
    file: 'windows/cases/realistic.json',
    hosts: connect('10.1.0.10'),
    protects: ['connect01'],
    expected: [],
  },
  {
    vendor: 'kubernetes',
    file: 'kubernetes/cases/realistic.yaml',
    hosts: connect('10.1.0.10'),
    protects: ['connect01'],
    expected: ['medium dangling-reference at 234'],
  },
  {
    vendor: 'cilium',
    file: 'cilium/cases/realistic.yaml',
    hosts: connect('10.1.0.10'),
    protects: ['connect01'],
    expected: [],
  },
]

for (const { vendor, file, hosts, more, interfaces, protects, expected } of realistic) {
  test(`findings of a realistic ${vendor}`, async () => {
    const protectedNames = protects ?? []
    const names = Object.keys(hosts)
    const ends = protectedNames.length > 0 ? protectedNames : [...names, ...Object.keys(office.networks)]
    const findings = await findingsOf({
      paths: ends.map((from) => ({ from, to: 'internet', through: ['device'] })),
      ...more,
      site: { hosts, features: ['password-hash-sync', 'pass-through-auth', 'own-app'], ...more?.site },
      devices: {
        device: {
          ...{ vendor, text: caseOf(file) },
          ...(interfaces !== undefined && { interfaces }),
          ...(protects !== undefined && { protects }),
        },
      },
    })
    assert.deepEqual(told(findings), expected)
  })
}
