import type { LoadedSite } from '../../config/index.ts'
import type { Severity } from '../../model/finding.ts'
import { againAuditCommand } from '../againAuditCommand.ts'
import { auditExitCode } from '../auditExitCode.ts'
import { auditSaying } from '../auditSaying.ts'
import { pageFor } from '../pageFor.ts'
import { auditFormats } from '../render/index.ts'
import type { PlaceOf } from '../render/page.ts'
import type { AuditOptions } from '../runAudit.ts'
import { runAudit } from '../runAudit.ts'
import { usualSiteFile } from '../siteFrom.ts'
import { sitePlaces } from '../sitePlaces.ts'
import { expectResultAt, writeResult } from '../writeResult.ts'
import type { Configure } from './index.ts'
import type { SharedOptions } from './sharedOptions.ts'
import { addSharedOptions, choice, formatOf, severityOption } from './sharedOptions.ts'

interface AuditVerbOptions extends SharedOptions, AuditOptions {
  readonly failOn: Severity
  readonly strict?: boolean
  readonly long?: boolean
}

/** `postern audit`: what the configurations of firewalls, clouds, proxies and routes do with the flows. */
export const configure: Configure = (command, shell, done) => {
  addSharedOptions(command, Object.keys(auditFormats))
    .argument('[files...]', 'configurations, - for stdin; none: those of the devices in the site file')
    .option('--site <file>', 'the site file; - reads it from stdin (default: ./postern.yaml, if there is one)')
    .option('--vendor <vendor>', 'whose configuration the FILEs are (default: told by what is in them)')
    .option(
      '--flow <flow>',
      'a question, SRC[:PORT] > DST:PORT/PROTO, or the id of a flow of the plan; may be given again (default: all flows of the plan)',
      again,
    )
    .option('--in <interface>', 'the interface or zone by which the flows of --flow come in')
    .option('--out-if <interface>', 'the interface or zone by which they go out')
    .addOption(
      choice('--as <way>', 'how the flows of --flow meet the FILEs: through a router, out of or in to a machine', [
        'through',
        'out',
        'in',
      ]),
    )
    .option(
      '--tags <file>',
      'addresses as Microsoft publishes them: service tags, or the list of Microsoft 365 endpoints; may be given again',
      again,
    )
    .option(
      '--with <report>',
      'hold the flows against a check of the same site (postern check --json --out REPORT), - for stdin: what is allowed on paper and kept back on the wire is an unknown device, what is denied and open is another configuration than the one that runs',
    )
    .option('--names <file>', 'names with their addresses: NAME ADDRESS a line, a hosts file, what dig says', again)
    .addOption(severityOption())
    .option('--strict', 'required flows that no configuration speaks of make the exit code 1, too')
    .option('--long', 'with every part of every flow, and every statement that was not understood')
    .addHelpText(
      'after',
      `
Nothing is asked of any device or of the network: only the files are read. A check is joined here, and not the other way
round: postern check tells what it sees, and only an audit knows which rule ought to have let it pass.

Exit codes: 0 all well; 1 findings from --fail-on on, or a required flow that is not allowed without reserve;
2 could not run; 130 stopped by Ctrl-C, with the report of what is known.

Examples:
  postern audit                                       the plan of ./postern.yaml through its devices
  postern audit edge.nft                              what is wrong in a rule set, no site file needed
  postern audit edge.nft --flow '10.1.0.10 > 20.190.128.1:443/tcp'
  postern audit nsg.json --flow '10.1.0.10 > login.microsoftonline.com:443' --tags ServiceTags_Public_20261116.json
  ssh edge nft -j list ruleset | postern audit - --vendor nftables
  postern audit --with check.json                     where wire and paper disagree
  postern audit proxy.pac --flow '10.2.0.5 > login.microsoftonline.com:443'   which way a browser goes
  postern audit --format sarif --out audit.sarif      for a pull request
`,
    )
    .action(async (files: readonly string[], options: AuditVerbOptions) => {
      const read = options.site ?? usualSiteFile
      await expectResultAt(options.out, shell, {
        '--site': read,
        '--with': options.with,
        ...Object.fromEntries(files.map((file) => [`FILE ${file}`, file])),
        ...Object.fromEntries((options.tags ?? []).map((file) => [`--tags ${file}`, file])),
        ...Object.fromEntries((options.names ?? []).map((file) => [`--names ${file}`, file])),
      })
      let placeOf: PlaceOf | undefined
      const onSite = (loaded: LoadedSite): void => {
        placeOf = sitePlaces(loaded, shell.cwd)
      }
      const saying = auditSaying(shell, options.quiet === true)
      const report = await runAudit(files, options, shell, { ...saying, onSite }).finally(saying.end)
      const onPage = pageFor(shell, options, options.long === true, againAuditCommand(files, options))
      const page = placeOf === undefined ? onPage : { ...onPage, placeOf }
      const render = await auditFormats[formatOf(options) as keyof typeof auditFormats].load()
      await writeResult(render(report, page), options.out, shell)
      // What was asked for by name and could not be answered is not proven.
      const strict = options.strict === true || options.flow !== undefined
      done(auditExitCode(report, { failOn: options.failOn, strict }))
    })
}

/** Collects an option that may be given again and again; a comma is part of the word. */
function again(text: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), text]
}
