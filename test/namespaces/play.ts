import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { CheckReport, FlowReport } from '../../src/model/report.ts'
import { isWell, told } from '../faultTold.ts'
import type { Rig } from './rig.ts'
import type { Expected, Row } from './row.ts'
import { siteText } from './site.ts'

const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))
const plainClient = fileURLToPath(new URL('plainClient.ts', import.meta.url))

/**
 * Puts a row's fault in place, shows that it is, lets `postern check` look, judges its report, and takes the fault away.
 *
 * @param site the text of the site file, in which the host `here` is the client
 */
export async function play(rig: Rig, row: Row<string>, site: string = siteText): Promise<CheckReport> {
  await using _ = await inject(rig, row)
  const shown = await rig.run('client', process.execPath, plainClient, ...row.tasks)
  assert.equal(shown, row.shows, `${row.id} is not in place`)
  if (row.leaves !== undefined) {
    const { on, command, mark } = row.leaves
    const [program = '', ...args] = command.split(' ')
    assert.match(await rig.run(on, program, ...args), mark, `${row.id} is not in place`)
  }
  const { report, code } = await checkFrom(rig, row, site)
  assertTells(report, code, row)
  return report
}

const chain = (hook: 'forward' | 'output', statements = ''): string =>
  `chain ${hook} {\n type filter hook ${hook} priority 0\n ${statements}\n }\n`

async function inject(
  rig: Rig,
  { forward, says, sets = '', shapes, settings = [], ways = [] }: Row<string>,
): Promise<AsyncDisposable> {
  const undo: (() => Promise<void>)[] = []
  const dispose = async (): Promise<void> => {
    for (const one of undo.toReversed()) await one()
  }
  try {
    if (shapes !== undefined) {
      const { on, device, rate } = shapes
      await rig.run(on, 'tc', 'qdisc', 'replace', 'dev', device, 'root', 'tbf', ...rate.split(' '))
      undo.push(async () => void (await rig.run(on, 'tc', 'qdisc', 'del', 'dev', device, 'root')))
    }
    for (const [name, value, usual] of settings) {
      const write = (to: string): Promise<string> =>
        rig.run('firewall', 'sh', '-c', 'echo "$0" > "/proc/sys/net/netfilter/$1"', to, name)
      await write(value)
      undo.push(async () => void (await write(usual)))
    }
    if (forward !== undefined || says !== undefined) {
      await rig.nft('firewall', `table inet fault {\n${sets}\n${chain('forward', forward)}${chain('output', says)}}\n`)
      undo.push(() => rig.nft('firewall', 'delete table inet fault'))
    }
    // Last, and the first to go: with the rules gone, a link that is narrow still would be learnt by the servers.
    for (const { on, set, clear } of ways) {
      await rig.ip(on, set)
      undo.push(() => rig.ip(on, clear))
    }
  } catch (error) {
    await dispose()
    throw error
  }
  return { [Symbol.asyncDispose]: dispose }
}

async function checkFrom(
  rig: Rig,
  { asks, idleSeconds, timeoutMs = 2000 }: Row<string>,
  text: string,
): Promise<{ report: CheckReport; code: number }> {
  const site = join(rig.folder, 'postern.yaml')
  await writeFile(site, text)
  const [command, ...args] = rig.within(
    'client',
    process.execPath,
    main,
    ...['check', '--site', site, '--from', 'here', '--json', '--quiet'],
    ...['--timeout', String(timeoutMs), '--flow', asks.join(',')],
    ...(idleSeconds === undefined ? [] : ['--idle', String(idleSeconds)]),
  )
  return new Promise((resolve, reject) => {
    execFile(command, args, { maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : Number(error.code)
      if (code === 0 || code === 1) resolve({ report: JSON.parse(stdout), code })
      else reject(new Error(`exit ${code}: ${stderr}`))
    })
  })
}

const isOf = (flow: FlowReport, { flows }: Expected<string>): boolean => flows.some((id) => id === flow.flow)

/** Whether the report says of each flow what the row expects, and of every other one that it is well. */
function assertTells(report: CheckReport, code: number, { asks, expect, consequences = [] }: Row<string>): void {
  const asked = new Set<string>(asks)
  assert.deepEqual([...new Set(report.flows.map(({ flow }) => flow))].toSorted(), [...asked].toSorted())
  const expected = expect === undefined ? [] : [expect, ...consequences]
  for (const one of expected) {
    const { flows: _, which, ...wanted } = one
    const concerned = report.flows.filter((each) => isOf(each, one) && !(which === 'some' && isWell(each)))
    assert.ok(concerned.length > 0, `none of ${one.flows.join(', ')} meets it`)
    for (const flow of concerned) {
      const { verdict, cause, confidence, owner } = flow
      assert.deepEqual({ verdict, cause, confidence, owner }, wanted, `${told(flow)}\n${evidenceOf(flow)}`)
      assert.ok(flow.fix !== undefined || flow.nextProbe !== undefined, `${told(flow)}: neither fix nor next probe`)
    }
  }
  const accused = report.flows.filter((flow) => !isWell(flow) && !expected.some((one) => isOf(flow, one)))
  assert.deepEqual(
    accused.map((flow) => `${told(flow)}\n${evidenceOf(flow)}`),
    [],
    'nothing else may be accused',
  )
  if (expect === undefined) assert.deepEqual([report.findings, code], [[], 0])
  else assert.ok(code === 1 && report.findings.some((finding) => finding.code === expect.cause))
}

/** What the judgement was made from, for whoever reads that it was wrong. */
function evidenceOf({ evidence }: FlowReport): string {
  return evidence.map((one) => `  ${JSON.stringify({ ...one, at: undefined, chain: undefined })}`).join('\n')
}
