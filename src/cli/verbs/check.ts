import { readFile, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { compareReports } from '../../check/compare.ts'
import { findingsOf } from '../../check/findingsOf.ts'
import type { LoadedSite } from '../../config/index.ts'
import { reasonOf } from '../../config/reasonOf.ts'
import { rejudge } from '../../diagnose/index.ts'
import type { Severity } from '../../model/finding.ts'
import type { CheckReport, CompareReport } from '../../model/report.ts'
import { schemes } from '../../model/service.ts'
import { againCommand } from '../againCommand.ts'
import { exitCodeOf } from '../exitCodeOf.ts'
import { pageFor } from '../pageFor.ts'
import { progressOn } from '../progress.ts'
import type { Format } from '../render/index.ts'
import { checkFormats, compareFormats } from '../render/index.ts'
import type { Page, PlaceOf } from '../render/page.ts'
import type { RunOptions } from '../runCheck.ts'
import { runCheck } from '../runCheck.ts'
import { sayingChoice } from '../sayingChoice.ts'
import type { Shell } from '../shell.ts'
import { UsageError } from '../shell.ts'
import { usualSiteFile } from '../siteFrom.ts'
import { sitePlaces } from '../sitePlaces.ts'
import { version } from '../version.ts'
import type { Result } from '../writeResult.ts'
import { expectResultAt, writeResult } from '../writeResult.ts'
import type { Configure } from './index.ts'
import type { SharedOptions } from './sharedOptions.ts'
import { addSharedOptions, formatOf, listed, severityOption, wholeNumber } from './sharedOptions.ts'

/** What is asked more often than this is no longer watched but hammered, and servers take it for an attack. */
const leastPauseSeconds = 5
const usualPauseSeconds = 30

export interface CheckVerbOptions extends SharedOptions {
  readonly site?: string
  readonly from?: string
  readonly flow?: readonly string[]
  readonly timeout: number
  readonly budget: number
  readonly concurrency: number
  readonly failOn: Severity
  readonly strict?: boolean
  readonly compare?: string
  readonly read?: string
  readonly watch?: boolean
  /** Seconds. */
  readonly every?: number
  readonly posture?: boolean
  /** Seconds. */
  readonly idle?: number
  /** Connections to each open TCP port. */
  readonly loss?: number
  /** Connections a second. */
  readonly rate?: number
  readonly everyAddress?: boolean
  readonly capture?: boolean
  readonly interface?: string
  /** True unless --no-trace. */
  readonly trace: boolean
  readonly long?: boolean
}

/** `postern check`: the flows of this machine, or the TARGETs that are named, proven on the wire. */
export const configure: Configure = (command, shell, done) => {
  addSharedOptions(command, Object.keys(checkFormats))
    .argument(
      '[targets...]',
      `URLs whose scheme is a probe, or host:port; none: the flows of the site file. Schemes: ${schemes.join(', ')}`,
    )
    .option('--site <file>', 'the site file; - reads it from stdin (default: ./postern.yaml)')
    .option('--from <host>', 'which host or network of the site this machine is')
    .option(
      '--flow <ids>',
      'only the flows with this id, of the catalog or your own; several with commas, or given again',
      listed,
    )
    .option('--timeout <ms>', 'longest single wait in milliseconds', wholeNumber(50, 600_000, 'milliseconds'), 3000)
    .option('--budget <seconds>', 'longest whole check in seconds', wholeNumber(1, 86_400, 'seconds'), 120)
    .option('--concurrency <n>', 'questions under way at once', wholeNumber(1, 1024, 'questions'), 256)
    .addOption(severityOption())
    .option('--strict', 'required flows that were not run make the exit code 1, too')
    .option('--compare <report>', 'what changed since an earlier report (postern check --json --out FILE)')
    .option('--read <report>', 'read a report instead of the wire, and judge it anew')
    .option('--watch', 'check again and again, and say what changed')
    .option(
      '--every <seconds>',
      `with --watch: how long from one check to the next (default: ${usualPauseSeconds})`,
      wholeNumber(leastPauseSeconds, 86_400, 'seconds'),
    )
    .option('--posture', 'ask each TLS server that works what else it takes: versions, a long ClientHello, other names')
    .option(
      '--idle <seconds>',
      'hold connections to each open TCP port without a word, three each for an eighth, a quarter, a half and all of this time, to see after which the path forgets them; --budget does not count it',
      wholeNumber(1, 600, 'seconds'),
    )
    .option(
      '--loss <count>',
      'open so many further connections to each open TCP port, ten a second and at eight ports at once, to see how many are lost on the way and how long a round trip takes; --budget does not count it',
      wholeNumber(10, 1000, 'connections'),
    )
    .option(
      '--rate <per-second>',
      'open new connections to each open TCP port, one port after the other, at an eighth, a quarter, a half and all of this pace for three seconds each (six times as many as the pace in all), to see from which pace on they wait or fail; --budget does not count it',
      wholeNumber(8, 500, 'connections a second'),
    )
    .option('--every-address', 'ask at every address of a name, up to 16 of each family, and not only at the first')
    .option(
      '--capture',
      'capture packets meanwhile (tcpdump or dumpcap, on Windows pktmon, with the right to): they tell who refused, and which device forbids',
    )
    .option('--interface <name>', 'with --capture: this interface alone (default: all; on Windows by dumpcap)')
    .option(
      '--no-trace',
      'trace no path to what stays silent; else traceroute (with the right to) or tracert names the hop behind which nothing is heard',
    )
    .option('--long', 'with every observation of every flow; with --compare, each change by itself')
    .addHelpText(
      'after',
      `
Exit codes: 0 all well; 1 findings from --fail-on on, or a required flow that is blocked, wrong or unknown;
2 could not run; 130 stopped by Ctrl-C, with the report of what is known.

Examples:
  postern check                                       the flows that this machine opens
  postern check --from connect01 --flow t2-https-sync one row, as that host
  postern check https://login.microsoftonline.com     one target, no site file needed
  postern check epm://dc01 ldap://dc01 cldap://dc01   a domain controller, each question in its protocol
  postern check tcp://dc01:636 dns://10.0.0.5/corp.example
  sudo postern check --capture tcp://dc01:636         and who it was that refused
  postern check --json --out before.json              keep it, then change the firewall
  postern check --compare before.json                 what has changed since
  postern check --read before.json --format html --out before.html
`,
    )
    .action(async (targets: readonly string[], options: CheckVerbOptions) => {
      if (options.read !== undefined && targets.length > 0) {
        throw new UsageError('--read takes the flows from the report: leave the targets out')
      }
      if (options.read !== undefined && options.posture === true) {
        throw new UsageError('--posture asks the wire, and --read asks nothing: leave one of them out')
      }
      if (options.read !== undefined && options.idle !== undefined) {
        throw new UsageError('--idle asks the wire, and --read asks nothing: leave one of them out')
      }
      for (const [option, given] of [
        ['--loss', options.loss !== undefined],
        ['--rate', options.rate !== undefined],
        ['--every-address', options.everyAddress === true],
      ] as const) {
        if (options.read !== undefined && given) {
          throw new UsageError(`${option} asks the wire, and --read asks nothing: leave one of them out`)
        }
      }
      if (options.read !== undefined && options.capture === true) {
        throw new UsageError('--capture watches the wire, and --read asks nothing: leave one of them out')
      }
      if (options.interface !== undefined && options.capture !== true) {
        throw new UsageError('--interface is where packets are captured: add --capture, or leave it out')
      }
      if (options.interface?.trim() === '') throw new UsageError('--interface: name one, or leave it out for all')
      if (options.read !== undefined && [options.site, options.from, options.flow].some((word) => word !== undefined)) {
        throw new UsageError('--read takes the flows from the report: leave --site, --from and --flow out')
      }
      if (options.every !== undefined && options.watch !== true) {
        throw new UsageError('--every is the pause of a watched check: add --watch, or leave it out')
      }
      if (options.watch === true) {
        if (options.read !== undefined || options.compare !== undefined) {
          throw new UsageError('--watch checks the wire again and again: leave --read and --compare out')
        }
        const { watchCheck } = await import('../watchCheck.ts')
        done(await watchCheck(targets, { ...options, every: options.every ?? usualPauseSeconds }, shell))
        return
      }
      const format = formatOf(options)
      // Said before the wire is asked: a check that cannot be shown is a check for nothing.
      if (options.compare !== undefined && !(format in compareFormats)) {
        throw new UsageError(
          `--compare can be written as ${Object.keys(compareFormats).join(' or ')}, not as ${format}`,
        )
      }
      await expectResultAt(options.out, shell, {
        '--read': options.read,
        '--compare': options.compare,
        '--site': options.read === undefined ? (options.site ?? usualSiteFile) : undefined,
      })
      const before = options.compare === undefined ? undefined : await reportFrom(options.compare, shell)
      let placeOf: PlaceOf | undefined
      const onSite = (loaded: LoadedSite): void => {
        placeOf = sitePlaces(loaded, shell.cwd)
      }
      const report =
        options.read === undefined
          ? await checkOnce(targets, { ...options, onSite }, shell)
          : rejudge(await reportFrom(options.read, shell), findingsOf)
      const again = options.read === undefined ? againCommand(targets, options) : undefined
      const onPage = pageFor(shell, options, options.long === true, again)
      const page = placeOf === undefined ? onPage : { ...onPage, placeOf }
      const result =
        before === undefined ? await written(report, page, options) : await compared(before, report, page, options)
      // The check is over: a signal while its result is read is none to the check.
      const interrupted = shell.signal.aborted
      await writeResult(result, options.out, shell)
      done(exitCodeOf(report, { failOn: options.failOn, strict: options.strict === true, interrupted }))
    })
}

async function checkOnce(
  targets: readonly string[],
  options: CheckVerbOptions & Pick<RunOptions, 'onSite'>,
  shell: Shell,
): Promise<CheckReport> {
  const progress = progressOn(shell, options.quiet === true, options.idle)
  try {
    return await runCheck(targets, { ...options, ...sayingChoice(shell, options) }, shell, progress.onEvent)
  } finally {
    progress.end()
  }
}

async function written(report: CheckReport, page: Page, options: CheckVerbOptions): Promise<Result> {
  const format: Format<CheckReport> = checkFormats[formatOf(options) as keyof typeof checkFormats]
  return (await (format.loadPieces ?? format.load)())(report, page)
}

async function compared(
  before: CheckReport,
  after: CheckReport,
  page: Page,
  options: CheckVerbOptions,
): Promise<Result> {
  const format: Format<CompareReport> = compareFormats[formatOf(options) as keyof typeof compareFormats]
  return (await (format.loadPieces ?? format.load)())(compareReports(before, after, version), page)
}

async function reportFrom(file: string, shell: Shell): Promise<CheckReport> {
  const { maxReportBytes, readCheckReport } = await import('../../config/readReport.ts')
  let text: string
  try {
    const path = resolve(shell.cwd, file)
    const found = await stat(path)
    if (!found.isFile()) throw new Error('it is no regular file')
    if (found.size > maxReportBytes) throw new Error(`it is larger than ${maxReportBytes / 1024 / 1024} MiB`)
    text = await readFile(path, 'utf8')
  } catch (error) {
    throw new UsageError(
      `${file}:1:1: the report cannot be read (${reasonOf(error)}), name a file that postern check --json wrote`,
    )
  }
  const read = readCheckReport(text, file, version)
  if ('error' in read) throw new UsageError(read.error)
  return read.report
}
