import { execFileSync, spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { CheckReport } from '../src/model/report.ts'
import { openDirectory } from '../test/namespaces/directory.ts'
import { directoryFlowIds, directorySiteText } from '../test/namespaces/directorySite.ts'
import { dc } from '../test/namespaces/places.ts'
import type { Rig } from '../test/namespaces/rig.ts'
import { installed } from '../test/needs.ts'
import type { Bench, Figure, Table } from './figure.ts'
import { figure } from './figure.ts'
import { leadMany, many } from './manyTargets.ts'
import { findPeer } from './peer.ts'
import { namedPorts, portsKnown } from './portsKnown.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const bundle = join(root, 'dist/postern.js')
const runs = 7
/** It takes the better part of a minute. */
const peerRuns = 1

/** Rows of the catalog that make eight flows a controller: TCP and UDP of two, RPC with the ports that it names. */
const eightFlows = ['t1-kerberos', 't1-ldap', 't1-smb', 't1-rpc-epm', 't1-rpc-dynamic', 't1-gc'] as const

export const bench: Bench = {
  question:
    'how long does a whole healthy domain controller take (a real Samba one, every protocol), beside nmap -sV on the same ports, and what does each know at the end; and what do 1,000 targets with 8 flows each cost?',
  async run(show) {
    const [ip, nft, samba, chronyd] = (['ip', 'nft', 'samba', 'chronyd'] as const).map((program) => installed(program))
    if (!ip || !nft || !samba || !chronyd || process.getuid?.() !== 0) {
      process.stdout.write('  left out: it needs root, and what sudo bash scripts/install-debian.sh installs\n')
      return []
    }
    execFileSync(process.execPath, [join(root, 'scripts/build.ts')], { stdio: 'inherit' })
    const rig = await openDirectory({ ip, nft, samba, chronyd })
    try {
      return [...wholeController(rig, show), ...(await thousandTargets(rig))]
    } finally {
      await rig.close()
    }
  },
}

function wholeController(rig: Rig, show: (table: Table) => void): readonly Figure[] {
  const site = join(rig.folder, 'postern.yaml')
  writeFileSync(site, directorySiteText)
  const nmap = findPeer('nmap')
  const took: { process: number[]; wire: number[]; peer: number[] } = { process: [], wire: [], peer: [] }
  let last: CheckReport | undefined
  for (let run = 0; run <= runs; run += 1) {
    const { ms, text } = check(rig, site, '--json', '--flow', directoryFlowIds.join(','))
    const report: CheckReport = JSON.parse(text)
    expectOpen(report.flows)
    // The first round warms the file cache and is not counted.
    if (run === 0) continue
    took.process.push(ms)
    took.wire.push(report.durationMs)
    last = report
  }
  const flows = last?.flows ?? []
  const ports = [...new Set(flows.flatMap(({ target }) => (target.transport === 'tcp' ? (target.port ?? []) : [])))]
  const mapped = flows.flatMap(({ evidence }) => evidence.flatMap(namedPorts))
  for (let run = 0; nmap !== undefined && run < peerRuns; run += 1) {
    const asked = [...new Set([...ports, ...mapped])].join(',')
    const [program, ...args] = rig.within('client', nmap, '-sT', '-sV', '-Pn', '-n', '-p', asked, dc.address)
    const { ms, text } = timed(program, args)
    took.peer.push(ms)
    show(portsKnown(text, flows))
  }
  return [
    figure(`postern check, ${flows.length} flows, whole process`, 'ms', took.process, { most: 1000 }),
    figure('of it from the first question to the last verdict', 'ms', took.wire),
    ...(took.peer.length === 0
      ? []
      : [
          figure(`nmap -sV, the ${new Set([...ports, ...mapped]).size} TCP ports of it`, 'ms', took.peer),
          figure(
            'nmap over postern',
            'times',
            took.process.map((ms) => (took.peer[0] ?? Number.NaN) / ms),
            { least: 50 },
          ),
        ]),
  ]
}

async function thousandTargets(rig: Rig): Promise<readonly Figure[]> {
  await leadMany(rig)
  const site = join(rig.folder, 'many.yaml')
  writeFileSync(site, manyText())
  const costs: Cost[] = []
  // Of the other format the memory alone is of interest.
  const peaksAsText: number[] = []
  const ask = (format: 'json' | 'text'): Cost =>
    check(rig, site, '--format', format, '--flow', eightFlows.join(','), '--concurrency', '16', '--timeout', '10000')
  for (let run = 0; run < 3; run += 1) {
    const cost = ask('json')
    const { flows }: CheckReport = JSON.parse(cost.text)
    expectOpen(flows)
    const asked = flows.filter(({ verdict }) => verdict === 'open').length
    if (asked !== many.count * 8) throw new Error(`${asked} flows were asked, not ${many.count * 8}`)
    costs.push(cost)
    const asText = ask('text')
    const proven = `all ${many.count * 8} required flows proven`
    if (!asText.text.includes(proven)) throw new Error(`the text does not say: ${proven}`)
    peaksAsText.push(asText.peakMib)
  }
  return [
    figure(
      '1,000 targets with 8 flows, processor time a minute',
      '% of a core',
      costs.map(({ cpuMs }) => cpuMs / 600),
      { most: 25 },
    ),
    figure(
      'the same, peak memory',
      'MiB',
      costs.map(({ peakMib }) => peakMib),
      { most: 200 },
    ),
    figure('the same, peak memory, written as text', 'MiB', peaksAsText, { most: 200 }),
    figure(
      'the same, from start to end',
      'ms',
      costs.map(({ ms }) => ms),
    ),
  ]
}

function manyText(): string {
  const hosts = Array.from({ length: many.count }, (_, at) => {
    const addresses = `["${many.addressOf(at + 1)}"]`
    return `  dc${at + 1}: { roles: [domain-controller], addresses: ${addresses} }`
  })
  return `site: many
domain: corp.example
features: [password-hash-sync, password-writeback, seamless-sso]
hosts:
  here: { roles: [entra-connect], addresses: ["10.77.1.2"] }
${hosts.join('\n')}
`
}

/** What one run of a process took, and what it printed. */
interface Took {
  readonly ms: number
  readonly text: string
}

interface Cost extends Took {
  readonly cpuMs: number
  readonly peakMib: number
}

/** Loaded before the bundle: says at the end, on a descriptor of its own, what the process has used. */
const tellsCost = `data:text/javascript,${encodeURIComponent(
  'import{writeSync}from"node:fs";process.on("exit",()=>writeSync(3,JSON.stringify(process.resourceUsage())))',
)}`

function check(rig: Rig, site: string, ...words: readonly string[]): Cost {
  const own = ['--import', tellsCost, bundle, 'check', '--site', site, '--from', 'here', '--quiet']
  const [program, ...args] = rig.within('client', process.execPath, ...own, ...words)
  const { ms, text, told } = timed(program, args)
  const used: NodeJS.ResourceUsage = JSON.parse(told)
  return { ms, text, cpuMs: (used.userCPUTime + used.systemCPUTime) / 1000, peakMib: used.maxRSS / 1024 }
}

function timed(program: string, args: readonly string[]): Took & { readonly told: string } {
  const start = process.hrtime.bigint()
  const { output, error } = spawnSync(program, args, {
    stdio: ['ignore', 'pipe', 'inherit', 'pipe'],
    encoding: 'utf8',
    maxBuffer: 512 * 1024 * 1024,
  })
  const ms = Number(process.hrtime.bigint() - start) / 1e6
  if (error !== undefined) throw error
  return { ms, text: output[1] ?? '', told: output[3] ?? '' }
}

/** @throws Error when a flow that was asked is not open: what fails soon is no figure */
function expectOpen(flows: CheckReport['flows']): void {
  const bad = flows.find(({ verdict }) => verdict !== 'open' && verdict !== 'not-run' && verdict !== 'not-required')
  if (bad !== undefined) throw new Error(`${bad.flow} to ${bad.to} is ${bad.verdict}: ${bad.says}`)
}
