import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import type { Ground } from '../audit/askedOf.ts'
import { auditedSite } from '../audit/auditedSite.ts'
import type { FlowOutcome } from '../audit/auditFlows.ts'
import { auditFlow, notJudgedOf } from '../audit/auditFlows.ts'
import type { MeetsAs } from '../audit/auditQuestion.ts'
import { auditQuestion } from '../audit/auditQuestion.ts'
import { auditSummary } from '../audit/auditSummary.ts'
import { catalogTables } from '../audit/catalogTables.ts'
import type { JudgePath } from '../audit/judgeWay.ts'
import { knowledgeOf } from '../audit/knowledgeOf.ts'
import type { GivenDevice, ReadDevice } from '../audit/readDevices.ts'
import { readDevice, standingOf } from '../audit/readDevices.ts'
import { scriptFindings } from '../audit/scriptFindings.ts'
import { catalogAsOf } from '../catalog/index.ts'
import type { LoadedSite } from '../config/index.ts'
import { visible } from '../config/quoted.ts'
import { unknownWord } from '../config/unknownWord.ts'
import type { Audited, FindingRule } from '../firewall/audited.ts'
import type { VendorRow } from '../firewall/reader.ts'
import type { AuditCoverage, AuditReport } from '../model/auditReport.ts'
import type { Finding } from '../model/finding.ts'
import type { Flow } from '../model/flow.ts'
import type { DevicePath, Site } from '../model/site.ts'
import { systemClock } from '../net/clock.ts'
import { planFlows } from '../plan/planFlows.ts'
import { auditDevices } from './auditDevices.ts'
import type { AuditQuestions } from './auditQuestions.ts'
import { anyOpener, auditQuestions, besideProxies, chosenFlows, openersOf, toPlaces } from './auditQuestions.ts'
import { auditScripts } from './auditScripts.ts'
import { auditTables } from './auditTables.ts'
import { checkBeside, heldAgainst } from './checkBeside.ts'
import type { Shell } from './shell.ts'
import { UsageError } from './shell.ts'
import { siteFrom, usualSiteFile } from './siteFrom.ts'
import { alienIn, alienWords, understoodDevice } from './understoodDevice.ts'
import { version } from './version.ts'

/** What an audit needs to know of the command line. */
export interface AuditOptions {
  readonly site?: string
  readonly vendor?: string
  readonly flow?: readonly string[]
  /** Interface or zone by which questions come in and go out. */
  readonly in?: string
  readonly outIf?: string
  readonly tags?: readonly string[]
  readonly names?: readonly string[]
  readonly as?: MeetsAs
  /** The report of a check that the audit is held against; `-` is the standard input. */
  readonly with?: string
}

/** What reads and judges; a test gives its own. */
export interface AuditMeans {
  readonly rows: readonly VendorRow[]
  readonly judgePath: JudgePath
  readonly findingRules: readonly FindingRule[]
}

/** What an audit says while it goes on. */
export interface AuditSaying {
  /** A stage that begins: one line. */
  readonly stage: (says: string) => void
  /** Something that the reader of the result has to know beside it. */
  readonly note: (says: string) => void
  /** Hears the site file that flows and devices are taken from. */
  readonly onSite?: (loaded: LoadedSite) => void
}

/** After so many flows the signal is heard. */
const flowsAtOnce = 16

/**
 * One audit: of the devices of the site file, or of the FILEs that are named, for the flows of the plan or the questions
 * that are asked.
 *
 * @throws UsageError when there is nothing that could be audited, with what would be right
 */
export async function runAudit(
  files: readonly string[],
  options: AuditOptions,
  shell: Shell,
  saying: AuditSaying,
  means?: AuditMeans,
): Promise<AuditReport> {
  const startMs = systemClock.monotonicMs()
  const startedAt = new Date(systemClock.now()).toISOString()
  const typed = auditQuestions(options.flow, anyOpener)
  if (files.includes('-') && options.site === '-') {
    throw new UsageError('postern audit: only one of FILE and --site can be -, name a file for the other')
  }
  const loaded = await siteOfAudit(files, options, typed, shell)
  const check =
    options.with === undefined
      ? undefined
      : await checkBeside(options.with, [...files, options.site ?? ''], loaded, shell)
  if (loaded !== undefined) saying.onSite?.(loaded)
  const { rows, judgePath, findingRules } = means ?? (await usualMeans())
  const sources = { files, loaded, rows, ...(options.vendor !== undefined && { vendor: options.vendor }) }
  const { given, loose, guessed } = await auditDevices(sources, shell)
  for (const file of guessed) {
    saying.note(`${file} is neither UTF-8 nor UTF-16: read as Windows-1252, so letters beyond ASCII are a guess`)
  }
  const { tables, told, doubts } = await auditTables(options.tags ?? [], options.names ?? [], shell)
  for (const doubt of doubts) saying.note(doubt)
  const read = await readAll(given, rows, shell, saying)
  expectPlaces(options, read)
  const unasked: Ground = {
    site: siteWith(loaded?.site, read, loose, saying),
    devices: new Map(read.map((device) => [device.name, device])),
    knowledge: knowledgeOf([...tables, ...catalogTables(loaded?.site.cloud ?? 'worldwide')], loaded?.site),
  }
  const asked = toPlaces(auditQuestions(options.flow, openersOf(unasked.site, unasked.knowledge)), unasked.site)
  for (const { text, host, proxy } of besideProxies(asked, unasked.site)) {
    saying.note(
      `"${text}" is asked past the proxy ${proxy}, by which the site file has ${host} go: --flow ID asks by it`,
    )
  }
  const planned = plannedFlows(loaded, asked)
  const askQuestions = (listening: Ground): void => {
    for (const one of asked.questions) {
      auditQuestion(one.text, withPlaces(one.asked, options), listening, judgeNothing, options.as)
    }
  }
  const ground = await auditScripts(given, planned, unasked, askQuestions, shell, saying)
  const devices = [...ground.devices.values()]
  const outcomes = await judgeAll(planned, asked, ground, { options, judgePath, shell, saying })
  const judged = outcomes.filter((outcome) => 'report' in outcome)
  const notJudged = notJudgedOf(outcomes.filter((outcome) => 'flow' in outcome))
  const paper = judged.map(({ report }) => report)
  const held = check === undefined ? undefined : heldAgainst(check, { flows: paper, startedAt }, saying)
  const flows = held?.flows ?? paper
  const interrupted = shell.signal.aborted
  const audited = judged.map((one) => one.audited)
  const findings = interrupted
    ? []
    : [
        ...(held?.findings ?? []),
        ...scriptFindings(flows),
        ...(await findingsOf(devices, audited, ground, { findingRules, saying, loaded })),
      ]
  return {
    postern: version,
    kind: 'audit',
    site: loaded?.site.site ?? 'files of the command line',
    startedAt,
    durationMs: Math.max(0, Math.round(systemClock.monotonicMs() - startMs)),
    interrupted,
    catalog: { asOf: catalogAsOf },
    devices: devices.map(toldDevice),
    tables: told,
    names: loaded?.site.names ?? {},
    ...(held !== undefined && { wire: held.wire }),
    summary: auditSummary(flows, notJudged),
    flows,
    notJudged,
    findings,
    coverage: coverageOf(devices),
  }
}

/** For what is asked only to hear what it asks the scripts. */
const judgeNothing: JudgePath = () => ({ verdict: 'allow', parts: [] })

async function readAll(
  given: readonly GivenDevice[],
  rows: readonly VendorRow[],
  { signal }: Shell,
  { stage, note }: AuditSaying,
): Promise<readonly ReadDevice[]> {
  const devices: ReadDevice[] = []
  for (const device of given) {
    stage(`reading ${device.name}`)
    const alien = alienIn(device, rows)
    const one = understoodDevice(await readDevice(device), device.row, alien)
    // What is understood whole is taken at its word: some formats are those of several vendors.
    if (alien !== undefined && one.coverage.understood < one.coverage.statements)
      note(`${alienWords(alien)}, which may be why not all of it is understood`)
    devices.push(one)
    await setImmediate()
    if (signal.aborted) throw new UsageError('postern audit: stopped before the configurations were read')
  }
  return devices
}

interface Judging {
  readonly options: AuditOptions
  readonly judgePath: JudgePath
  readonly shell: Shell
  readonly saying: AuditSaying
}

/** The flows of the plan, then the questions; what is left when the signal comes is left out. */
async function judgeAll(
  planned: readonly Flow[],
  { questions }: AuditQuestions,
  ground: Ground,
  { options, judgePath, shell: { signal }, saying: { stage } }: Judging,
): Promise<readonly FlowOutcome[]> {
  const outcomes: FlowOutcome[] = []
  const total = planned.length + questions.length
  if (total > 0) stage(`judging ${total} ${total === 1 ? 'flow' : 'flows'}`)
  for (const [at, flow] of planned.entries()) {
    if (at % flowsAtOnce === 0) await setImmediate()
    if (signal.aborted) return outcomes
    outcomes.push(auditFlow(flow, ground, judgePath))
  }
  for (const { text, asked } of questions) {
    if (signal.aborted) return outcomes
    outcomes.push(...auditQuestion(text, withPlaces(asked, options), ground, judgePath, options.as))
    await setImmediate()
  }
  return outcomes
}

interface LookingFor {
  readonly findingRules: readonly FindingRule[]
  readonly saying: AuditSaying
  readonly loaded: LoadedSite | undefined
}

async function findingsOf(
  devices: readonly ReadDevice[],
  flows: Audited['flows'],
  { knowledge }: Ground,
  { findingRules, saying, loaded }: LookingFor,
): Promise<AuditReport['findings']> {
  saying.stage('looking for findings')
  await setImmediate()
  const audited: Audited = {
    devices: devices.map(({ name, vendor, ruleSets, coverage }) => ({ label: name, vendor, ruleSets, coverage })),
    flows,
    knowledge,
    ...(loaded !== undefined && { site: auditedSite(loaded.site) }),
  }
  const all = [...devices.flatMap(({ findings = [] }) => findings), ...findingRules.flatMap((rule) => rule(audited))]
  // A line that a reader had to say by several rules is found once for each of them.
  const found = [...new Map(all.map((finding) => [JSON.stringify(finding), finding])).values()]
  return found.map(withPlaceOrNone)
}

/** What a vendor does of itself stands in no file. */
function withPlaceOrNone(finding: Finding): Finding {
  const { file, line, ...where } = finding.where
  return file === '' ? { ...finding, where } : finding
}

function toldDevice({ name, vendor, files, ruleSets, coverage }: ReadDevice): AuditReport['devices'][number] {
  const { statements, understood: known } = coverage
  return { name, vendor, files, ruleSets: ruleSets.map((ruleSet) => ruleSet.name), statements, understood: known }
}

async function usualMeans(): Promise<AuditMeans> {
  const [{ vendorRows }, { judgePath }, { findingRules }] = await Promise.all([
    import('../firewall/vendors/index.ts'),
    import('../firewall/judgePath.ts'),
    import('../firewall/findings/index.ts'),
  ])
  return { rows: vendorRows, judgePath, findingRules }
}

/** An interface that no device has would be one that no rule speaks of, and nothing would fit it. */
function expectPlaces({ in: comesBy, outIf }: AuditOptions, devices: readonly ReadDevice[]): void {
  const known = [
    ...new Set(devices.flatMap(({ ruleSets }) => ruleSets.flatMap(({ places }) => places.map(({ name }) => name)))),
  ]
  for (const [option, name] of [
    ['--in', comesBy],
    ['--out-if', outIf],
  ] as const) {
    if (name === undefined || known.length === 0 || known.includes(name)) continue
    const { what, right } = unknownWord('interface or zone', name, known)
    throw new UsageError(`${option}: ${what}, ${right}`)
  }
}

/** FILEs need no site file, and are held to the flows of the one that is there. */
async function siteOfAudit(
  files: readonly string[],
  { site }: AuditOptions,
  { questions, ids }: AuditQuestions,
  shell: Shell,
): Promise<LoadedSite | undefined> {
  const file = site ?? usualSiteFile
  if (site === undefined && files.length > 0 && !existsSync(resolve(shell.cwd, file))) {
    if (ids !== undefined) {
      throw new UsageError(
        `--flow: ${ids.join(', ')} is of a plan, and there is no site file here: name one with --site`,
      )
    }
    return undefined
  }
  const loaded = await siteFrom(file, shell, questions.length === 0, '; a FILE needs none: postern audit FILE')
  if (files.length === 0 && Object.keys(loaded.site.devices).length === 0) {
    throw new UsageError(
      `${visible(file)}:1:1: the site has no devices, add devices: with their files and paths:, or name a FILE`,
    )
  }
  return loaded
}

function plannedFlows(loaded: LoadedSite | undefined, { questions, ids }: AuditQuestions): readonly Flow[] {
  if (loaded === undefined || (questions.length > 0 && ids === undefined)) return []
  return chosenFlows(planFlows(loaded.site), ids, visible(loaded.file))
}

function withPlaces<Question extends object>(question: Question, { in: comesBy, outIf }: AuditOptions): Question {
  return {
    ...question,
    ...(comesBy !== undefined && { in: comesBy }),
    ...(outIf !== undefined && { out: outIf }),
  }
}

/**
 * The site, with a way for the devices that it does not have: what stands between networks is taken to stand between it
 * and the internet, which is said; the firewall of one machine only where there is one machine.
 */
function siteWith(
  site: Site | undefined,
  devices: readonly ReadDevice[],
  loose: readonly string[],
  { note }: AuditSaying,
): Site {
  if (site === undefined) return nowhere
  const unplaced = devices.filter(({ name }) => loose.includes(name))
  const hosts = Object.keys(site.hosts)
  const through = unplaced.filter((device) => standingOf(device) !== 'host' || hosts.length === 1)
  if (through.length === 0) return site
  const names = through.map(({ name }) => name)
  note(
    `${names.join(', ')} is taken to stand between ${site.site} and the internet; devices: and paths: in the site file say it otherwise`,
  )
  const ends = [...hosts, ...Object.keys(site.networks)]
  const paths = ends.map((from): DevicePath => ({ from, to: 'internet', through: names }))
  return { ...site, paths }
}

/** What questions are asked of where there is no site file. */
const nowhere: Site = {
  site: '',
  cloud: 'worldwide',
  features: [],
  facts: {},
  hosts: {},
  networks: {},
  resolvers: { internal: [], control: [] },
  proxies: {},
  trust: { certificates: [] },
  names: {},
  flows: [],
  devices: {},
  paths: [],
}

function coverageOf(devices: readonly ReadDevice[]): AuditCoverage {
  const sum = (count: (device: ReadDevice) => number): number =>
    devices.reduce((total, device) => total + count(device), 0)
  return {
    statements: sum(({ coverage }) => coverage.statements),
    understood: sum(({ coverage }) => coverage.understood),
    unread: devices.flatMap(({ coverage }) =>
      coverage.unread.map(({ span: { file, line, text }, why }) => ({ file, line, text, why })),
    ),
  }
}
