import { flowRows } from '../../catalog/index.ts'
import { quoted, visible } from '../../config/quoted.ts'
import { nearestOr } from '../../config/unknownWord.ts'
import { features } from '../../model/feature.ts'
import type { Flow } from '../../model/flow.ts'
import type { Site } from '../../model/site.ts'
import { planFlows } from '../../plan/planFlows.ts'
import { planReport } from '../../plan/planReport.ts'
import { pageFor } from '../pageFor.ts'
import { planFormats } from '../render/index.ts'
import { exitCodes, UsageError } from '../shell.ts'
import { siteFrom } from '../siteFrom.ts'
import { version } from '../version.ts'
import { expectResultAt, writeResult } from '../writeResult.ts'
import type { Configure } from './index.ts'
import type { SharedOptions } from './sharedOptions.ts'
import { addSharedOptions, addSiteOption, formatOf, listed } from './sharedOptions.ts'

interface PlanOptions extends SharedOptions {
  readonly site: string
  readonly from?: string
  readonly feature?: string
  readonly flow?: readonly string[]
  readonly for?: string
  readonly long?: boolean
}

/** `postern plan`: the flows of a site, or of one host or feature of it. */
export const configure: Configure = (command, shell, done) => {
  addSharedOptions(addSiteOption(command), Object.keys(planFormats))
    .option('--from <end>', 'only what this host, network or outside end of the plan opens')
    .option('--feature <feature>', 'only what this feature of the site calls for')
    .option(
      '--flow <ids>',
      'only the flows with this id, of the catalog or your own; several with commas, or given again',
      listed,
    )
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
      await expectResultAt(options.out, shell, { '--site': options.site })
      const { site } = await siteFrom(options.site, shell)
      const flows = asked(site, options)
      if (flows.length === 0 && options.quiet !== true) {
        shell.stderr.write(`postern: ${nothingWords(options)}\n`)
      }
      const render = await planFormats[formatOf(options) as keyof typeof planFormats].load()
      const text = render(planReport(site, flows, version), pageFor(shell, options, options.long === true))
      await writeResult(text, options.out, shell)
      done(exitCodes.well)
    })
}

/** The part of the plan that the options ask for; a word that can match nothing is told instead of an empty plan. */
function asked(site: Site, { site: file, from, feature, flow }: PlanOptions): readonly Flow[] {
  const plan = planFlows(site)
  if (from !== undefined) {
    const opening = plan.map((planned) => planned.from)
    const ends = new Set([...Object.keys(site.hosts), ...Object.keys(site.networks), ...opening])
    if (!ends.has(from)) throw unknown('--from', from, 'the ends that can open a flow here', [...ends])
  }
  if (feature !== undefined) {
    if (!features.some((known) => known === feature)) throw unknown('--feature', feature, 'the features', features)
    if (!site.features.some((on) => on === feature)) {
      const on = site.features.length === 0 ? 'none is on' : `on are ${site.features.join(', ')}`
      throw new UsageError(`--feature: ${feature} is off in ${visible(file)}; add it under features: (${on})`)
    }
  }
  const ids = new Set(plan.map((planned) => planned.flow))
  for (const id of flow ?? []) {
    if (ids.has(id)) continue
    if (!flowRows.some((row) => row.id === id)) throw unknown('--flow', id, 'the flows of this plan', [...ids])
    throw new UsageError(`--flow: ${id} is not in the plan of this site; postern explain ${id} says when it would be`)
  }
  return plan.filter(
    (planned) =>
      (from === undefined || planned.from === from) &&
      (feature === undefined || planned.features.some((because) => because === feature)) &&
      (flow === undefined || flow.includes(planned.flow)),
  )
}

function unknown(flag: string, word: string, among: string, known: readonly string[]): UsageError {
  return new UsageError(`${flag}: ${quoted(word)} is none of ${among}; ${nearestOr(word, known)}`)
}

/** Each word by itself is right, and still nothing is left. */
function nothingWords({ from, feature, flow }: PlanOptions): string {
  if (from === undefined && flow === undefined) {
    return feature === undefined
      ? 'no flow is planned: give hosts their roles in the site file'
      : `${feature} is on and has no flow of its own; postern explain ${feature} says what it is`
  }
  const words = [
    from === undefined ? [] : ['--from'],
    feature === undefined ? [] : ['--feature'],
    flow ? ['--flow'] : [],
  ]
  return `no flow of the plan fits ${words.flat().join(' and ')}`
}
