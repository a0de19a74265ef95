/** `postern check` where no path can be traced, or none is to be: the check goes on, and says it. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { CheckReport } from '../../src/model/report.ts'
import { needs, needsRoot } from '../needs.ts'
import { forbidden, isForbidden } from './forbidden.ts'
import { app, ports } from './places.ts'
import { openRig } from './rig.ts'
import { siteText } from './site.ts'
import { knockAt, toAlternate } from './ways.ts'

const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))
const plainClient = fileURLToPath(new URL('plainClient.ts', import.meta.url))

interface Row {
  readonly when: string
  /** What stands before the command. */
  readonly before?: readonly string[]
  readonly words?: readonly string[]
  readonly traces: CheckReport['traces']
}

test('what cannot be traced is judged as without, and why is said', async (t) => {
  const [ip, nft, traceroute, setpriv] = [needs(t, 'ip'), needs(t, 'nft'), needs(t, 'traceroute'), needs(t, 'setpriv')]
  if (ip === undefined || nft === undefined || traceroute === undefined || setpriv === undefined) return
  if (!needsRoot(t)) return
  const rig = await openRig({ ip, nft }).catch((error: unknown) => {
    if (process.env['CI'] !== 'true' && isForbidden(error)) return undefined
    throw error
  })
  if (rig === undefined) return t.skip(forbidden)
  const site = join(rig.folder, 'postern.yaml')
  const [empty, hangs] = [join(rig.folder, 'empty'), join(rig.folder, 'hangs')]
  const rows: readonly Row[] = [
    { when: 'with --no-trace', words: ['--no-trace'], traces: undefined },
    {
      when: 'without the tool',
      before: ['env', `PATH=${empty}`],
      traces: { traced: 0, why: 'no traceroute is on the PATH', remedy: 'install traceroute' },
    },
    {
      when: 'without the right',
      before: [setpriv, '--bounding-set', '-net_raw'],
      traces: {
        traced: 0,
        why: 'traceroute: You do not have enough privileges to use this traceroute method',
        remedy: 'run the check with sudo, or give traceroute cap_net_raw (postern doctor tells more)',
      },
    },
    {
      when: 'with a tool that hangs',
      before: ['env', `PATH=${hangs}`],
      traces: { traced: 0, why: 'traceroute said nothing of the path in its time' },
    },
  ]
  try {
    await Promise.all([writeFile(site, siteText), mkdir(empty), mkdir(hangs)])
    await writeFile(join(hangs, 'traceroute'), `#!${process.execPath}\nsetInterval(() => {}, 1000)\n`, { mode: 0o755 })
    await rig.nft(
      'firewall',
      `table inet fault {\n chain forward {\n type filter hook forward priority 0\n ${toAlternate} drop\n }\n }\n`,
    )
    const shown = await rig.run(
      'client',
      process.execPath,
      plainClient,
      knockAt(app, ports.alternate),
      knockAt(app, ports.https),
    )
    assert.equal(shown, 'silence, connected')
    for (const { when, before = [], words = [], traces } of rows) {
      await t.test(when, async () => {
        const asked = ['--site', site, '--from', 'here', '--flow', 'app-web,app-alternate', '--timeout', '1500']
        const command = [process.execPath, main, 'check', ...asked, '--json', '--quiet', ...words]
        const [program = '', ...args] = [...before, ...command]
        const report = await checked(rig.within('client', program, ...args))
        assert.deepEqual(report.traces, traces)
        const flow = report.flows.find(({ flow }) => flow === 'app-alternate')
        assert.deepEqual([flow?.verdict, flow?.cause, flow?.confidence], ['blocked', 'filtered-silently', 'likely'])
        assert.doesNotMatch(flow?.says ?? '', /trace/)
        assert.deepEqual(
          report.flows.flatMap(({ evidence }) => evidence.filter(({ kind }) => kind === 'path-trace')),
          [],
        )
      })
    }
  } finally {
    await rig.close()
  }
})

function checked([command, ...args]: readonly [string, ...string[]]): Promise<CheckReport> {
  return new Promise((resolve, reject) => {
    execFile(command, args, { maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      // Something is blocked.
      if (error?.code === 1) resolve(JSON.parse(stdout))
      else reject(new Error(`exit ${error?.code}: ${stderr}`))
    })
  })
}
