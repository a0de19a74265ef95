/** `postern listen` behind a firewall: which of the two ways is cut is told by the two sides together. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { listenReportSchema } from '../../src/config/listenSchema.ts'
import type { ListenReport, ListenState } from '../../src/model/listenReport.ts'
import type { CheckReport } from '../../src/model/report.ts'
import { needs, needsRoot } from '../needs.ts'
import { forbidden, isForbidden } from './forbidden.ts'
import { client, dc } from './places.ts'
import type { Rig } from './rig.ts'
import { openRig } from './rig.ts'

const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))

interface Row {
  readonly breaks: string
  /** What the firewall drops. */
  readonly drops?: string
  readonly there: Readonly<Record<'tcp' | 'udp', boolean>>
  readonly here: Readonly<Record<'tcp' | 'udp', ListenState>>
}

const port = 7389
const rows: readonly Row[] = [
  {
    breaks: 'nothing is cut: the answer is there, and the connection stood here',
    there: { tcp: true, udp: true },
    here: { tcp: 'connected', udp: 'arrived' },
  },
  {
    breaks: 'the way there is cut: silence on both sides',
    drops: `ip daddr ${dc.address} meta l4proto { tcp, udp } th dport ${port} drop`,
    there: { tcp: false, udp: false },
    here: { tcp: 'not-seen', udp: 'not-seen' },
  },
  {
    breaks: 'the way back is cut: silence there, and here somebody who does not hear the answer',
    drops: `ip saddr ${dc.address} meta l4proto { tcp, udp } th sport ${port} drop`,
    there: { tcp: false, udp: false },
    here: { tcp: 'half-open', udp: 'arrived' },
  },
]

const site = `site: routed
hosts:
  near: { roles: [], addresses: [${client.address}] }
  dc01: { roles: [], addresses: [${dc.address}] }
flows:
  - { id: far-tcp, from: near, to: dc01, ports: [${port}], transport: [tcp], service: ldap }
  - { id: far-udp, from: near, to: dc01, ports: [${port}], transport: [udp], service: cldap }
`

async function listenWhile(rig: Rig, file: string, work: () => Promise<void>): Promise<ListenReport> {
  const words = ['listen', '--site', file, '--as', 'dc01', '--json']
  const [program, ...args] = rig.within('dc', process.execPath, main, ...words)
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = once(child, 'close')
  try {
    let [stdout, stderr] = ['', '']
    child.stdout.setEncoding('utf8').on('data', (part: string) => {
      stdout += part
    })
    await new Promise<void>((resolve, reject) => {
      child.stderr.setEncoding('utf8').on('data', (part: string) => {
        stderr += part
        if (stderr.includes('On the near side now')) resolve()
      })
      child.once('close', () => reject(new Error(stderr)))
    })
    await work()
    child.kill('SIGINT')
    await ended
    return listenReportSchema.parse(JSON.parse(stdout))
  } finally {
    child.kill('SIGKILL')
  }
}

async function checkFrom(rig: Rig, file: string): Promise<CheckReport> {
  const words = ['check', '--site', file, '--from', 'near', '--flow', 'far-tcp,far-udp', '--timeout', '3000']
  const [program, ...args] = rig.within('client', process.execPath, main, ...words, '--json', '--quiet')
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  let stdout = ''
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    stdout += part
  })
  await once(child, 'close')
  return JSON.parse(stdout)
}

/** Whether anything came back to the flow's own question. */
function isAnswered({ flows }: CheckReport, id: string): boolean {
  const evidence = flows.find(({ flow }) => flow === id)?.evidence ?? []
  return evidence.some(
    (one) =>
      (one.kind === 'udp-exchange' && one.listener !== undefined) ||
      (one.kind === 'service-exchange' && one.firstOctets?.startsWith('postern listen') === true),
  )
}

test('either way that is cut is told apart by what is seen on its two sides', async (t) => {
  const [ip, nft] = [needs(t, 'ip'), needs(t, 'nft')]
  if (ip === undefined || nft === undefined || !needsRoot(t)) return
  let rig: Rig
  try {
    rig = await openRig({ ip, nft })
  } catch (error) {
    if (process.env['CI'] === 'true' || !isForbidden(error)) throw error
    return t.skip(forbidden)
  }
  try {
    const file = join(rig.folder, 'listen.yaml')
    await writeFile(file, site)
    for (const { breaks, drops = '', there, here } of rows) {
      await t.test(breaks, async () => {
        const chain = `type filter hook forward priority 0;\n${drops}`
        await rig.nft('firewall', `flush ruleset\ntable inet cut {\nchain forward {\n${chain}\n}\n}\n`)
        let near: CheckReport | undefined
        const far = await listenWhile(rig, file, async () => {
          near = await checkFrom(rig, file)
        })
        assert.ok(near)
        assert.equal(far.seesHalfOpen, true)
        for (const transport of ['tcp', 'udp'] as const) {
          const id = `far-${transport}`
          assert.equal(isAnswered(near, id), there[transport], `${id} there`)
          assert.equal(far.flows.find(({ flow }) => flow === id)?.seen, here[transport], `${id} here`)
        }
      })
    }
  } finally {
    await rig.close()
  }
})
