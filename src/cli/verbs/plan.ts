import { features } from '../../model/feature.ts'
import { planFlows } from '../../plan/planFlows.ts'
import { planReport } from '../../plan/planReport.ts'
import { pageFor } from '../pageFor.ts'
import { planFormats } from '../render/index.ts'
import { exitCodes, UsageError } from '../shell.ts'
import { siteFrom } from '../siteFrom.ts'
import { version } from '../version.ts'
import { writeResult } from '../writeResult.ts'
import type { Configure } from './index.ts'
import type { SharedOptions } from './sharedOptions.ts'
import { addSharedOptions, addSiteOption, formatOf } from './sharedOptions.ts'

interface PlanOptions extends SharedOptions {
  readonly site: string
  readonly from?: string
  readonly feature?: string
  readonly for?: string
  readonly long?: boolean
}

/** `postern plan`: the flows of a site, or of one host or feature of it. */
export const configure: Configure = (command, shell, done) => {
  addSharedOptions(addSiteOption(command), Object.keys(planFormats))
    .option('--from <host>', 'only what this host or network opens')
    .option('--feature <feature>', 'only what this feature calls for')
    .option('--for <vendor>', '(planned) rules in a vendor’s syntax')
    .option('--long', 'with the source and the notes of every flow')
    .addHelpText(
      'after',
      `
Examples:
  postern plan                                        the plan of ./postern.yaml, by who opens the connection
  postern plan --site hq.yaml --format markdown       a change request to file
  postern plan --from connect01 --format csv          one host, for a spreadsheet
  postern plan --feature seamless-sso                 what one feature costs in openings
`,
    )
    .action(async (options: PlanOptions) => {
      if (options.for !== undefined) {
        throw new UsageError(
          'postern plan --for is planned and not part of this version; --format markdown writes a change request',
        )
      }
      const { site } = await siteFrom(options.site, shell)
      const flows = planFlows(site).filter(
        (flow) =>
          (options.from === undefined || flow.from === options.from) &&
          (options.feature === undefined || flow.features.some((feature) => feature === options.feature)),
      )
      checkFilter('--from', options.from, [...Object.keys(site.hosts), ...Object.keys(site.networks), 'internet'])
      checkFilter('--feature', options.feature, features)
      const format = formatOf(options)
      const render = await planFormats[format as keyof typeof planFormats].load()
      const text = render(planReport(site, flows, version), pageFor(shell, options, options.long === true))
      await writeResult(text, options.out, shell)
      done(exitCodes.well)
    })
}

function checkFilter(flag: string, value: string | undefined, known: readonly string[]): void {
  if (value === undefined || known.includes(value)) return
  throw new UsageError(`${flag}: "${value}" is none of ${known.join(', ')}`)
}
