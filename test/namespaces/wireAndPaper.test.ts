import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { AuditOnWire } from '../../src/model/auditOnWire.ts'
import type { AuditReport } from '../../src/model/auditReport.ts'
import { needs, needsRoot } from '../needs.ts'
import { forbidden, isForbidden } from './forbidden.ts'
import { app, certificateFiles, client, hops, ports } from './places.ts'
import type { Rig } from './rig.ts'
import { openRig } from './rig.ts'
import { knockAt } from './ways.ts'

const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))
const plainClient = fileURLToPath(new URL('plainClient.ts', import.meta.url))

const flowIds = ['app-web', 'app-alternate', 'app-third'] as const

const siteText = `site: routed
domain: corp.example
hosts:
  here: { roles: [domain-member], addresses: ["${client.address}"] }
  app: { roles: [published-app], name: ${app.name}, addresses: ["${app.address}"] }
trust: { certificates: [${certificateFiles.ca}] }
devices:
  edge: { vendor: nftables, files: [edge.nft] }
paths:
  - { from: here, to: app, through: [edge] }
flows:
  - { id: app-web, from: here, to: app, ports: [${ports.https}], transport: [tcp], service: https }
  - { id: app-alternate, from: here, to: app, ports: [${ports.alternate}], transport: [tcp], service: https }
  - { id: app-third, from: here, to: app, ports: [${ports.third}], transport: [tcp], service: https }
`

/** The rule set of a router that lets some ports of the app pass, and another one to what a set has learnt. */
const edgeOf = (open: readonly number[], learnt?: number): string => `table inet edge {
	set learnt { type ipv4_addr; flags dynamic, timeout; }
	chain forward {
		type filter hook forward priority 0; policy drop;
		ct state established,related accept
		${learnt === undefined ? '' : `ip daddr @learnt tcp dport ${learnt} accept`}
		ip saddr ${client.address} ip daddr ${app.address} tcp dport { ${open.join(', ')} } accept
		icmp type echo-request accept
	}
}
`

/** Stands behind the router, in nobody's file. */
const behind = `table inet hidden {
	chain prerouting {
		type filter hook prerouting priority -300;
		ip daddr ${app.address} tcp dport ${ports.alternate} drop
	}
}
`

/** Stands in the router, beside what its file has, and says what it does. */
const beside = `table inet beside {
	chain forward {
		type filter hook forward priority -10;
		ip daddr ${app.address} tcp dport ${ports.alternate} reject with icmp type admin-prohibited
	}
}
`

interface Row {
  readonly when: string
  /** Ports that the given file has open, and those that the router that runs has. */
  readonly given: readonly number[]
  readonly running: readonly number[]
  readonly hidden?: 'behind' | 'beside'
  /** A port that the given file leaves to what a set has learnt. */
  readonly learnt?: number
  /** Packets are captured meanwhile. */
  readonly capture?: true
  /** What a plain client meets at 443, 8443 and 9443. */
  readonly shows: string
  readonly agreements: Readonly<Record<(typeof flowIds)[number], string>>
  readonly findings: readonly { readonly code: string; readonly what: RegExp; readonly flows: readonly string[] }[]
  readonly counts: Pick<AuditOnWire, 'both' | 'agree' | 'unknownDevice' | 'configurationDiffers'>
  readonly exitCode: number
}

const { https, alternate, third } = ports

const rows: readonly Row[] = [
  {
    when: 'the file is what runs and nothing else stands there: wire and paper agree, in what passes and in what does not',
    given: [https, alternate],
    running: [https, alternate],
    shows: 'connected, connected, silence',
    agreements: { 'app-web': 'agrees', 'app-alternate': 'agrees', 'app-third': 'agrees' },
    findings: [],
    counts: { both: 3, agree: 3, unknownDevice: 0, configurationDiffers: 0 },
    // A required flow is denied, which both say.
    exitCode: 1,
  },
  {
    when: 'something behind the router drops what its file allows: an unknown device, between the router and the app',
    given: [https, alternate, third],
    running: [https, alternate, third],
    hidden: 'behind',
    shows: 'connected, silence, connected',
    agreements: { 'app-web': 'agrees', 'app-alternate': 'unknown-device', 'app-third': 'agrees' },
    findings: [
      {
        code: 'unknown-device',
        what: new RegExp(
          `keeps tcp/${alternate} ${app.name} from passing: it stands between ${hops.firewall} .*hop 1.* and app`,
        ),
        flows: ['app-alternate'],
      },
    ],
    counts: { both: 3, agree: 2, unknownDevice: 1, configurationDiffers: 0 },
    exitCode: 1,
  },
  {
    when: 'the file denies what the router lets pass: it is not what runs',
    given: [https, third],
    running: [https, alternate, third],
    shows: 'connected, connected, connected',
    agreements: { 'app-web': 'agrees', 'app-alternate': 'configuration-differs', 'app-third': 'agrees' },
    findings: [
      {
        code: 'configuration-differs',
        what: /what is at hand of edge is not what runs: .*open on the wire/,
        flows: ['app-alternate'],
      },
    ],
    counts: { both: 3, agree: 2, unknownDevice: 0, configurationDiffers: 1 },
    exitCode: 1,
  },
  {
    when: 'the file denies what something else on the way denies: the file alone explains it',
    given: [https, third],
    running: [https, alternate, third],
    hidden: 'behind',
    shows: 'connected, silence, connected',
    agreements: { 'app-web': 'agrees', 'app-alternate': 'agrees', 'app-third': 'agrees' },
    findings: [],
    counts: { both: 3, agree: 3, unknownDevice: 0, configurationDiffers: 0 },
    exitCode: 1,
  },
  {
    when: 'something in the router refuses what its file allows: by ICMP it is the router that says so',
    given: [https, alternate, third],
    running: [https, alternate, third],
    hidden: 'beside',
    capture: true,
    shows: 'connected, EHOSTUNREACH, connected',
    agreements: { 'app-web': 'agrees', 'app-alternate': 'unknown-device', 'app-third': 'agrees' },
    findings: [
      {
        code: 'unknown-device',
        what: new RegExp(
          `keeps tcp/${alternate} .* from passing: it stands at ${hops.firewall}, which says so by ICMP`,
        ),
        flows: ['app-alternate'],
      },
    ],
    counts: { both: 3, agree: 2, unknownDevice: 1, configurationDiffers: 0 },
    exitCode: 1,
  },
  {
    when: 'the file leaves a port to what a set has learnt: the wire settles it, and nothing is wrong',
    given: [https, third],
    learnt: alternate,
    running: [https, alternate, third],
    shows: 'connected, connected, connected',
    agreements: { 'app-web': 'agrees', 'app-alternate': 'settled-open', 'app-third': 'agrees' },
    findings: [],
    counts: { both: 3, agree: 2, unknownDevice: 0, configurationDiffers: 0 },
    exitCode: 0,
  },
]

test('an audit held against a check of a routed network names what no file has', async (t) => {
  const [ip, nft, traceroute] = [needs(t, 'ip'), needs(t, 'nft'), needs(t, 'traceroute')]
  if (ip === undefined || nft === undefined || traceroute === undefined) return
  if (!needsRoot(t)) return
  const rig = await openRig({ ip, nft }).catch((error: unknown) => {
    if (process.env['CI'] !== 'true' && isForbidden(error)) return undefined
    throw error
  })
  if (rig === undefined) return t.skip(forbidden)
  try {
    await writeFile(join(rig.folder, 'postern.yaml'), siteText)
    for (const row of rows) {
      await t.test(row.when, async (each) => {
        if (row.capture !== true || needs(each, 'tcpdump') !== undefined) await play(rig, row)
      })
    }
  } finally {
    await rig.close()
  }
})

async function play(rig: Rig, row: Row): Promise<void> {
  const site = join(rig.folder, 'postern.yaml')
  await rig.nft('firewall', `flush ruleset\n${edgeOf(row.running)}${row.hidden === 'beside' ? beside : ''}`)
  await rig.nft('cloud', `flush ruleset\n${row.hidden === 'behind' ? behind : ''}`)
  await writeFile(join(rig.folder, 'edge.nft'), edgeOf(row.given, row.learnt))
  const knocks = [https, alternate, third].map((port) => knockAt(app, port))
  assert.equal(await rig.run('client', process.execPath, plainClient, ...knocks), row.shows)

  const flows = ['--flow', flowIds.join(',')]
  const check = ['check', '--site', site, '--from', 'here', ...flows, '--timeout', '2500', '--json', '--quiet']
  if (row.capture === true) check.push('--capture')
  const seen = await run(rig.within('client', process.execPath, main, ...check))
  await writeFile(join(rig.folder, 'check.json'), seen.stdout)

  const asked = flowIds.flatMap((id) => ['--flow', id])
  const audit = ['audit', '--site', site, ...asked, '--with', join(rig.folder, 'check.json'), '--quiet']
  const held = await run([process.execPath, main, ...audit, '--json'])
  const report: AuditReport = JSON.parse(held.stdout)
  assert.equal(held.code, row.exitCode)
  assert.deepEqual(
    Object.fromEntries(report.flows.map(({ flow, wire }) => [flow, wire?.agreement])),
    row.agreements,
    JSON.stringify(
      report.flows.map(({ flow, verdict, wire }) => ({ flow, verdict, wire })),
      undefined,
      1,
    ),
  )
  const codes = ['unknown-device', 'configuration-differs']
  const found = report.findings.filter(({ code }) => codes.includes(code))
  assert.deepEqual(
    found.map(({ code, flows: ids }) => ({ code, flows: ids })),
    row.findings.map(({ code, flows: ids }) => ({ code, flows: ids })),
  )
  for (const [at, { what }] of row.findings.entries()) assert.match(found[at]?.what ?? '', what)
  const { both, agree, unknownDevice, configurationDiffers, from } = report.wire ?? {}
  assert.deepEqual({ both, agree, unknownDevice, configurationDiffers }, row.counts)
  assert.equal(from, 'here')
}

function run([command, ...args]: readonly [string, ...string[]]): Promise<{ code: number; stdout: string }> {
  return new Promise((resolve, reject) => {
    execFile(command, args, { maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : error.code
      if (code === 0 || code === 1) resolve({ code, stdout })
      else reject(new Error(stderr, { cause: error }))
    })
  })
}
