import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { CheckReport, FlowReport } from '../../src/model/report.ts'
import { isWell, told } from '../faultTold.ts'
import type { Around } from '../fixes.ts'
import { anyOf, assertFix } from '../fixes.ts'
import type { Machine } from './places.ts'
import { adfs, client, dc, hops, wap } from './places.ts'
import type { Rig } from './rig.ts'
import type { Expected, Row } from './row.ts'
import { siteText } from './site.ts'

const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))
const plainClient = fileURLToPath(new URL('plainClient.ts', import.meta.url))
const delayer = fileURLToPath(new URL('delay.py', import.meta.url))

/**
 * Puts a row's fault in place, shows that it is, lets `postern check` look, judges its report, and takes the fault away.
 *
 * @param site the text of the site file, in which the host `here` is the client
 */
export async function play(rig: Rig, row: Row<string>, site: string = siteText): Promise<CheckReport> {
  await using _ = await inject(rig, row)
  const shown = await rig.run(
    row.from?.on ?? 'client',
    'env',
    ...variables(rig),
    process.execPath,
    plainClient,
    ...row.tasks,
  )
  assert.equal(shown, row.shows, `${row.id} is not in place`)
  if (row.leaves !== undefined) {
    const { on, command, mark } = row.leaves
    const [program = '', ...args] = command.split(' ')
    assert.match(
      await rig.run(on, program, ...args.map((word) => word.replaceAll('$FOLDER', rig.folder))),
      mark,
      `${row.id} is not in place`,
    )
  }
  const { report, code } = await checkFrom(rig, row, row.site ?? site)
  assertTells(report, code, row, row.site ?? site)
  assertMeasured(report, row)
  if (row.tells !== undefined) assert.match(report.flows.map(told).join('\n'), row.tells)
  if (row.traces !== undefined) assertTraced(report, row.traces, row)
  if (row.capture === true) {
    assert.deepEqual(report.rights, ['connect', 'capture'])
    const { outcome, packets = 0, lost = 0 } = report.capture ?? {}
    assert.deepEqual([outcome, packets > 0, lost], ['captured', true, 0])
  }
  return report
}

/** The interface by which the firewall's packets go round, where they are delayed. */
const slow = 'slow0'

const chain = (hook: 'forward' | 'input' | 'output', statements = ''): string =>
  `chain ${hook} {\n type filter hook ${hook} priority 0\n ${statements}\n }\n`

/** Rules of a row stand in a table of their own, by whose end they go. */
async function loadTable(rig: Rig, on: Machine, chains: string): Promise<() => Promise<void>> {
  await rig.nft(on, `table inet fault {\n${chains}}\n`)
  return () => rig.nft(on, 'delete table inet fault')
}

async function inject(
  rig: Rig,
  { forward, says, leads, sets = '', shapes, delaysMs, settings = [], ways = [], hosts = [], does = [] }: Row<string>,
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
    if (delaysMs !== undefined) {
      undo.push(await rig.serve('firewall', 'python3', delayer, slow, String(delaysMs)))
      // What comes in by a link goes round by the program, and from there where it would have gone.
      const links = ['in', 'out', 'inside']
      await rig.ip(
        'firewall',
        `link set ${slow} up`,
        `route add default dev ${slow} table 90`,
        ...links.map((link) => `rule add pref 5 iif ${link} lookup 90`),
      )
      undo.push(() => rig.ip('firewall', ...links.map((link) => `rule del pref 5 iif ${link}`)))
    }
    for (const [name, value, usual] of settings) {
      const write = (to: string): Promise<string> =>
        rig.run('firewall', 'sh', '-c', 'echo "$0" > "/proc/sys/net/netfilter/$1"', to, name)
      await write(value)
      undo.push(async () => void (await write(usual)))
    }
    if ([forward, says, leads].some((one) => one !== undefined)) {
      const led = leads && `chain leads {\n type nat hook prerouting priority -100\n ${leads}\n }\n`
      undo.push(
        await loadTable(rig, 'firewall', `${sets}\n${chain('forward', forward)}${chain('output', says)}${led ?? ''}`),
      )
    }
    for (const { on, input, output } of hosts) {
      undo.push(await loadTable(rig, on, `${chain('input', input)}${chain('output', output)}`))
    }
    for (const { on, set, clear } of does) {
      const inFolder = (words: typeof set): typeof set => [
        words[0],
        ...words.slice(1).map((word) => word.replaceAll('$FOLDER', rig.folder)),
      ]
      await rig.run(on, ...inFolder(set))
      undo.push(async () => void (await rig.run(on, ...inFolder(clear))))
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

/** Settings as `env` takes them. What one row has compiled, the next ones of its network read. */
function variables(rig: Rig, more: Row['environment'] = {}): readonly string[] {
  return Object.entries({ NODE_COMPILE_CACHE: '$FOLDER/compiled', ...more }).map(
    ([name, value]) => `${name}=${value.replaceAll('$FOLDER', rig.folder)}`,
  )
}

async function checkFrom(
  rig: Rig,
  {
    asks,
    idleSeconds,
    lossCount,
    ratePerSecond,
    everyAddress,
    capture,
    traces,
    environment,
    from,
    timeoutMs = 2000,
  }: Row<string>,
  text: string,
): Promise<{ report: CheckReport; code: number }> {
  const site = join(rig.folder, 'postern.yaml')
  await writeFile(site, text)
  const [command, ...args] = rig.within(
    from?.on ?? 'client',
    ...['env', ...variables(rig, environment)],
    process.execPath,
    main,
    ...['check', '--site', site, '--from', from?.host ?? 'here', '--json', '--quiet'],
    ...['--timeout', String(timeoutMs), '--flow', asks.join(',')],
    ...(idleSeconds === undefined ? [] : ['--idle', String(idleSeconds)]),
    ...(lossCount === undefined ? [] : ['--loss', String(lossCount)]),
    ...(ratePerSecond === undefined ? [] : ['--rate', String(ratePerSecond)]),
    ...(everyAddress === true ? ['--every-address'] : []),
    ...(capture === true ? ['--capture'] : []),
    ...(traces === undefined ? ['--no-trace'] : []),
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

/** Machines that a check runs on, by which address each asks. */
const askers: Readonly<Partial<Record<Machine, string>>> = {
  client: client.address,
  dc: dc.address,
  adfs: adfs.address,
  wap: wap.address,
}

/** What remedies may name beside the flow itself: who asks, the router, and resolvers and proxy of the site file. */
function aroundOf({ from }: Row<string>, site: string): Around {
  const internal = /internal: \[([^\]]*)\]/.exec(site)?.[1] ?? ''
  const resolvers = [...internal.matchAll(/"([^"]+)"/g)].map(([, address]) => `${address}:53`)
  return {
    from: anyOf(askers[from?.on ?? 'client']),
    here: anyOf(from?.host ?? 'here'),
    devices: anyOf(hops.firewall),
    resolver: anyOf(...resolvers),
    proxy: anyOf(/url: "http:\/\/([^"]+)"/.exec(site)?.[1]),
  }
}

/** Whether the report says of each flow what the row expects, and of every other one that it is well. */
function assertTells(report: CheckReport, code: number, row: Row<string>, site: string): void {
  const { asks, expect, consequences = [], finds = [] } = row
  const around = aroundOf(row, site)
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
      assertFix(flow, around)
    }
  }
  const accused = report.flows.filter((flow) => !isWell(flow) && !expected.some((one) => isOf(flow, one)))
  assert.deepEqual(
    accused.map((flow) => `${told(flow)}\n${evidenceOf(flow)}`),
    [],
    'nothing else may be accused',
  )
  if (expect === undefined) {
    const found = report.findings.map((finding) => finding.code)
    assert.deepEqual([found, code], [finds, 0], JSON.stringify(report.findings))
  } else {
    assert.ok(report.findings.some((finding) => finding.code === expect.cause))
    // What works, and will hurt, stops nobody.
    assert.ok(code === 1 || expect.verdict === 'degraded')
  }
}

/** Whether each place that takes connections was measured to the end, in the ways that the row asks for and in no other. */
function assertMeasured(report: CheckReport, { lossCount, ratePerSecond }: Row<string>): void {
  const asked = [...(lossCount === undefined ? [] : ['loss']), ...(ratePerSecond === undefined ? [] : ['rate'])]
  const expected = new Set(asked.map((one) => `${one} whole`))
  let connected = 0
  for (const flow of report.flows) {
    const { transport, address, port } = flow.target
    const connects = flow.evidence.some(
      (one) =>
        one.kind === 'tcp-connect' && one.outcome === 'connected' && one.address === address && one.port === port,
    )
    connected += connects ? 1 : 0
    const measured = flow.evidence.filter((one) => one.kind === 'connect-series')
    assert.deepEqual(
      new Set(measured.map((one) => `${one.asked} ${one.outcome}`)),
      connects && transport === 'tcp' ? expected : new Set(),
      `${told(flow)}\n${evidenceOf(flow)}`,
    )
    for (const one of measured) {
      assert.ok(one.sent > 0 && (one.asked === 'rate' || one.sent === lossCount), JSON.stringify(one))
    }
  }
  assert.ok(asked.length === 0 || connected > 0, 'there was nothing to measure')
}

/** Whether paths were traced to what fails, and to nothing else, and the verdict says so. */
function assertTraced(report: CheckReport, says: NonNullable<Row['traces']>, { expect }: Row<string>): void {
  const isTraced = ({ evidence }: FlowReport): boolean => evidence.some(({ kind }) => kind === 'path-trace')
  const failing = report.flows.filter((flow) => expect !== undefined && isOf(flow, expect))
  assert.deepEqual(
    report.flows.filter(isTraced).map(({ flow }) => flow),
    says === 'nothing' ? [] : failing.map(({ flow }) => flow),
  )
  if (says === 'nothing') {
    assert.equal(report.traces, undefined)
    return
  }
  assert.equal(report.traces?.why, undefined)
  for (const flow of failing) assert.match(flow.says, says, evidenceOf(flow))
}

/** What the judgement was made from, for whoever reads that it was wrong. */
function evidenceOf({ evidence }: FlowReport): string {
  return evidence.map((one) => `  ${JSON.stringify({ ...one, at: undefined, chain: undefined })}`).join('\n')
}
