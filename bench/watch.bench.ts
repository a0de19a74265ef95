import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { openDirectory } from '../test/namespaces/directory.ts'
import type { Rig } from '../test/namespaces/rig.ts'
import { installed } from '../test/needs.ts'
import type { Bench, Figure } from './figure.ts'
import { figure } from './figure.ts'
import { leadMany, many } from './manyTargets.ts'
import { processCost } from './processCost.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const bundle = join(root, 'dist/postern.js')

/** Each of a controller’s eight flows, by its own protocol. */
const eight: readonly (readonly [id: string, port: number, transport: 'tcp' | 'udp', service: string])[] = [
  ['kerberos', 88, 'tcp', 'kerberos'],
  ['kerberos-udp', 88, 'udp', 'kerberos'],
  ['kpasswd', 464, 'tcp', 'kpasswd'],
  ['epm', 135, 'tcp', 'epm'],
  ['ldap', 389, 'tcp', 'ldap'],
  ['cldap', 389, 'udp', 'cldap'],
  ['smb', 445, 'tcp', 'smb'],
  ['gc', 3268, 'tcp', 'gc'],
]

/** One of the catalog beside them, which must be closed, and is. */
const watchedFlows = `${many.count * eight.length + 1} flows to ${many.count + 1} ends`

/** The first minute has what happens once, and each flow’s first look. */
const minutes = 3
const minuteMs = 60_000
/** Of some 32,000 looks. */
const mostFailed = 40

export const bench: Bench = {
  question:
    'what does it cost to watch 1,000 targets with 8 flows each, every 60 s, by the protocol of each, with their history?',
  async run() {
    const [ip, nft, samba, chronyd] = (['ip', 'nft', 'samba', 'chronyd'] as const).map((program) => installed(program))
    if (!ip || !nft || !samba || !chronyd || process.getuid?.() !== 0) {
      process.stdout.write('  left out: it needs root, and what sudo bash scripts/install-debian.sh installs\n')
      return []
    }
    execFileSync(process.execPath, [join(root, 'scripts/build.ts')], { stdio: 'inherit' })
    const rig = await openDirectory({ ip, nft, samba, chronyd })
    try {
      return await watched(rig)
    } finally {
      await rig.close()
    }
  },
}

async function watched(rig: Rig): Promise<readonly Figure[]> {
  await leadMany(rig)
  const site = join(rig.folder, 'watched.yaml')
  writeFileSync(site, siteText())
  const [program, ...args] = rig.within('client', process.execPath, bundle, 'watch', '--site', site, '--from', 'here')
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  const costs: number[] = []
  let peakMib = 0
  try {
    await sleep(minuteMs)
    for (let minute = 0; minute < minutes; minute += 1) {
      const before = processCost(child.pid ?? 0)
      await sleep(minuteMs)
      const after = processCost(child.pid ?? 0)
      costs.push((after.cpuMs - before.cpuMs) / (minuteMs / 100))
      peakMib = after.peakMib
    }
  } finally {
    child.kill('SIGTERM')
    await ended
  }
  const lines = said.split('\n')
  const broken = lines.find((line) => /^\d\d:\d\d:\d\dZ (skipped|history|bug|gap|confirmed)/.test(line))
  const failed = lines.filter((line) => line.includes('Z fails ')).length
  // What fails soon, or is left out, is no figure; one server that plays a thousand loses a packet now and then.
  if (broken !== undefined || failed > mostFailed || !said.includes(watchedFlows)) {
    throw new Error(broken ?? `${failed} looks failed\n${said.slice(0, 1000)}`)
  }
  return [
    figure('1,000 targets with 8 flows every 60 s, watched', '% of a core', costs, { most: 25 }),
    figure('the same, peak memory', 'MiB', [peakMib], { most: 250 }),
  ]
}

function siteText(): string {
  const targets = Array.from({ length: many.count }, (_, at) => at + 1)
  const hosts = targets.map((at) => `  dc${at}: { roles: [published-app], addresses: ["${many.addressOf(at)}"] }`)
  const flows = targets.flatMap((at) =>
    eight.map(
      ([id, port, transport, service]) =>
        `  - { id: ${id}-${at}, from: here, to: dc${at}, ports: [${port}], transport: [${transport}], service: ${service} }`,
    ),
  )
  return `site: watched
domain: corp.example
names: { login.microsoftonline.com: 127.0.0.1:1 }
hosts:
  here: { roles: [health-agent], addresses: ["10.77.1.2"] }
${hosts.join('\n')}
flows:
${flows.join('\n')}
watch: { administration-port: 0, timeout-ms: 10000, concurrency: 64 }
`
}
