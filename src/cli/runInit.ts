import { lstat } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Remedy } from '../config/configError.ts'
import { quoted, visible } from '../config/quoted.ts'
import type { Cloud } from '../model/cloud.ts'
import type { Feature } from '../model/feature.ts'
import type { SiteRole } from '../model/role.ts'
import { asTyped, shellWord } from './asTyped.ts'
import type { Asker } from './init/asker.ts'
import type { MachineFacts } from './init/machineFacts.ts'
import { machineFacts } from './init/machineFacts.ts'
import type { Preset } from './init/questions.ts'
import { answersOfMachine, askSite } from './init/questions.ts'
import { schemaReference } from './init/schemaReference.ts'
import type { Answers, WrittenSiteFile } from './init/siteFile.ts'
import { siteFile } from './init/siteFile.ts'
import { machineMeans } from './machineMeans.ts'
import { countOf } from './render/flowWords.ts'
import { paint } from './render/paint.ts'
import type { Shell } from './shell.ts'
import { exitCodes, UsageError, wantsColor } from './shell.ts'
import { version } from './version.ts'
import { expectResultAt, writeNewFile, writeResult } from './writeResult.ts'

export interface InitOptions {
  readonly yes?: boolean
  readonly out: string
  readonly force?: boolean
  readonly role?: readonly SiteRole[]
  readonly feature?: readonly Feature[]
  readonly tenant?: string
  readonly domain?: string
  readonly cloud?: Cloud
  readonly quiet?: boolean
  readonly color: boolean
}

/** How long the machine's own settings and DNS may take; what was not learnt by then is not known. */
const lookMs = 3000

/**
 * Writes a site file.
 *
 * @param openAsker opens the conversation; absent: nobody is asked, and the file says what this machine knows
 * @param meansFor makes the machine whose facts are taken; default: this one
 * @returns the exit code
 * @throws UsageError when nothing was written for a reason of the user's
 */
export async function runInit(
  options: InitOptions,
  shell: Shell,
  openAsker?: () => Asker,
  meansFor = machineMeans,
): Promise<number> {
  if (options.out !== '-') await expectNew(options, shell)
  const preset = await presetOf(options)
  const means = meansFor(shell, { names: {}, trustPem: [], proxyCredentials: {} })
  const facts = await machineFacts(means, { signal: shell.signal, timeoutMs: lookMs })
  const answers =
    openAsker === undefined ? answersOfMachine(facts, preset) : await conversation(facts, preset, openAsker())
  if (shell.signal.aborted || ('ended' in answers && answers.ended === 'stopped')) {
    shell.stderr.write('postern init: stopped, nothing is written\n')
    return exitCodes.interrupted
  }
  if ('ended' in answers) {
    throw new UsageError(
      'postern init: the input ended before the last question, nothing is written; --yes asks nothing',
    )
  }
  const written = siteFile(answers, version, await schemaFor(options, shell))
  const flows = await flowsOf(written.text, answers)
  if (options.out === '-' || options.force === true) await writeResult(written.text, options.out, shell)
  else await writeNewFile(written.text, options.out, shell)
  if (options.quiet !== true) sayWritten(written, answers, flows, options, shell)
  return exitCodes.well
}

async function conversation(
  facts: MachineFacts,
  preset: Preset,
  asker: Asker,
): Promise<Awaited<ReturnType<typeof askSite>>> {
  try {
    return await askSite(facts, preset, asker)
  } finally {
    asker.close()
  }
}

/** What goes to stdout is taken to lie in the folder that is worked in. */
function schemaFor({ out }: InitOptions, { cwd }: Shell): Promise<string | undefined> {
  return schemaReference(resolve(cwd, out === '-' ? 'postern.yaml' : out), cwd)
}

/** Said before the questions: a minute of answers is lost on a file that is there. */
async function expectNew({ out, force }: InitOptions, shell: Shell): Promise<void> {
  await expectResultAt(out, shell)
  if (force === true) return
  const found = await lstat(resolve(shell.cwd, out)).catch(() => undefined)
  if (found === undefined) return
  throw new UsageError(
    `--out: ${quoted(out)} is there and is not overwritten, name another one, or replace it with --force`,
  )
}

async function presetOf({ role, feature, tenant, domain, cloud }: InitOptions): Promise<Preset> {
  const { readHostName, readTenant } = await import('../config/siteTexts.ts')
  return {
    ...(role !== undefined && { roles: role }),
    ...(feature !== undefined && { features: feature }),
    ...(cloud !== undefined && { cloud }),
    ...(tenant !== undefined && { tenant: okOr('--tenant', readTenant(tenant)) }),
    ...(domain !== undefined && { domain: okOr('--domain', readHostName(domain)) }),
  }
}

function okOr(flag: string, read: { readonly ok: string } | Remedy): string {
  if ('ok' in read) return read.ok
  throw new UsageError(`${flag}: ${read.what}, ${read.right}`)
}

/**
 * Reads what was written as every other verb will, and counts its flows.
 *
 * @throws Error when it is refused: the answers were checked one by one, so that it is no fault of theirs
 */
async function flowsOf(text: string, { hosts }: Answers): Promise<{ readonly all: number; readonly own: number }> {
  const [{ parseSite }, { formatConfigErrors }, { planFlows }] = await Promise.all([
    import('../config/parseSite.ts'),
    import('../config/index.ts'),
    import('../plan/planFlows.ts'),
  ])
  const parsed = parseSite(text, 'postern.yaml')
  if ('errors' in parsed) throw new Error(`the site file is refused:\n${formatConfigErrors(parsed.errors).join('\n')}`)
  const flows = planFlows(parsed.site)
  return { all: flows.length, own: flows.filter(({ from }) => from === hosts[0].key).length }
}

function sayWritten(
  { notKnown }: WrittenSiteFile,
  { site, hosts: [self] }: Answers,
  flows: { readonly all: number; readonly own: number },
  { out, color }: InitOptions,
  shell: Shell,
): void {
  // The file itself is the result when it goes to stdout.
  const output = out === '-' ? shell.stderr : shell.stdout
  const colour = wantsColor(shell, output, color)
  const roles = self.roles.length === 0 ? 'no role yet' : self.roles.join(', ')
  const where = out === '-' ? 'the site file' : visible(out)
  const given = ['./postern.yaml', 'postern.yaml', '-'].includes(out) ? '' : ` --site ${shellWord(out)}`
  const next =
    self.roles.length === 0
      ? `give ${self.key} its roles in ${where}, then: postern plan${given}`
      : `postern plan${given}`
  const lines = [
    paint(
      `${out === '-' ? 'written' : `wrote ${where}`}: site ${site}, this machine is ${self.key} (${roles}); ${countOf(flows.all, 'flow')} planned, ${flows.own} from here`,
      'strong',
      colour,
    ),
    ...(notKnown.length === 0
      ? []
      : ['not known, and said in the file:', ...notKnown.map((what) => `  ${visible(what)}`)]),
    `next: ${next}`,
  ]
  output.write(`${lines.map((line) => asTyped(line, shell.program)).join('\n')}\n`)
}
