import type { changeFormats } from '../render/index.ts'
import { UsageError } from '../shell.ts'
import type { Configure } from './index.ts'
import { addSiteOption, choice } from './sharedOptions.ts'

export interface WatchOptions {
  readonly site: string
  readonly from?: string
  readonly quiet?: true
  readonly testOutlet?: string
  readonly backup?: string
  readonly rejudge?: string
  readonly change?: string
  readonly canaryRights?: true
  readonly signInLogs?: string
  readonly json?: true
  readonly format?: ChangeFormat
}

const changeWords = ['text', 'json', 'markdown'] as const satisfies readonly (keyof typeof changeFormats)[]
type ChangeFormat = (typeof changeWords)[number]

/** Each does one thing and ends; without one of them it watches. */
const errands = ['testOutlet', 'backup', 'rejudge', 'change', 'canaryRights'] as const
type Errand = (typeof errands)[number]

const optionOf: Readonly<Record<Errand, string>> = {
  testOutlet: '--test-outlet',
  backup: '--backup',
  rejudge: '--rejudge',
  change: '--change',
  canaryRights: '--canary-rights',
}

/** `postern watch`: the flows of this machine again and again, until Ctrl-C or SIGTERM. */
export const configure: Configure = (command, shell, done) => {
  addSiteOption(command.argument('[name]', 'with --change: what the change is called'))
    .option('--from <host>', 'which host or network of the site this machine is')
    .option('--quiet', 'no lines about what happens')
    .option(
      '--sign-in-logs <file>',
      'hold this export of the tenant’s sign-in log (JSON) against the record of the gate; without it: watch.sign-in-logs',
    )
    .option('--test-outlet <outlet>', 'send a test alert to an outlet of watch.outlets, and end')
    .option('--backup <file>', 'copy the history into a new file, while it is written to, and end')
    .option(
      '--rejudge <since>',
      'judge the failures that were kept anew, from a time on (2026-03-28, 2026-03-28T12:00Z, 36h or 14d), and end',
    )
    .option('--json', 'with --rejudge and --change report: the documented report and nothing else on stdout')
    .option(
      '--change <start|end|report>',
      'set the begin or the end of a change into the time line, with its NAME, or say what it did, and end',
    )
    .addOption(choice('--format <word>', 'with --change report: text, json or markdown', changeWords))
    .option('--canary-rights', 'print the least right that watch.canary needs, and end')
    .addHelpText(
      'after',
      `
Looks at every flow that this machine opens, each at its own place in the interval (watch.every-seconds); a look that fails
is repeated within ten seconds before it counts (watch.confirmations). What is seen is kept in the history (watch.history),
failures with all of their evidence. One line an event is printed: what fails, what is confirmed, what came back.

The site file is read again when it changes; one that is wrong is refused with a line, and the old one stays. A history is
written by one watcher: a second one ends with 2 and says who holds it. The other options work beside a watcher that runs;
a change is left in a folder beside the history, and taken from there by the watcher that runs or the next that starts.

The exit code is 0 after SIGTERM and where an errand is done, 130 after Ctrl-C, 1 where --test-outlet was not taken or a change
broke something, 2 when it could not start.

Examples:
  postern watch                                       the flows of this machine, by ./postern.yaml
  postern watch --site hq.yaml --from connect01       as that host
  postern watch --test-outlet desk                    whether the outlet desk takes an alert
  postern watch --change start firewall-2026-11       and later: --change end firewall-2026-11
  postern watch --change report firewall-2026-11      what differs after it from before it, and that nothing else does
  postern watch --rejudge 14d                         what this version says of the failures of two weeks
  postern watch --backup /backup/history.sqlite       a whole copy
`,
    )
    .action(async (name: string | undefined, options: WatchOptions) => {
      const [errand, ...others] = errands.filter((one) => options[one] !== undefined)
      if (errand !== undefined && others.length > 0) {
        throw new UsageError(
          `${optionOf[errand]} and ${others.map((one) => optionOf[one]).join(' and ')}: give one of them`,
        )
      }
      if (name !== undefined && errand !== 'change') {
        throw new UsageError('NAME is that of a change: write postern watch --change start NAME, or leave it out')
      }
      const reports = errand === 'rejudge' || (errand === 'change' && options.change === 'report')
      if (options.json === true && !reports) {
        throw new UsageError('--json is how --rejudge and --change report answer: add one, or leave --json out')
      }
      if (options.format !== undefined && (errand !== 'change' || options.change !== 'report')) {
        throw new UsageError('--format is how --change report answers: add it, or leave --format out')
      }
      done(await run(errand, name, options, shell))
    })
}

async function run(
  errand: Errand | undefined,
  name: string | undefined,
  options: WatchOptions,
  shell: Parameters<Configure>[1],
): Promise<number> {
  switch (errand) {
    case undefined:
      return (await import('../runWatch.ts')).runWatch(options, shell)
    case 'testOutlet':
      return (await import('../testOutlet.ts')).testOutlet(options.testOutlet ?? '', options, shell)
    case 'backup':
      return (await import('../watchHistory.ts')).backUpHistory(options.backup ?? '', options, shell)
    case 'rejudge':
      return (await import('../rejudgeHistory.ts')).rejudgeHistory(options.rejudge ?? '', options, shell)
    case 'change':
      if (options.change === 'report') return (await import('../reportChange.ts')).reportChange(name, options, shell)
      return (await import('../markChange.ts')).markChange(options.change ?? '', name, options, shell)
    case 'canaryRights':
      return (await import('../printCanaryRights.ts')).printCanaryRights(options, shell)
    default:
      return errand satisfies never
  }
}
