import { Command } from 'commander'
import type { VendorRow } from '../../firewall/reader.ts'
import type { EventReason } from '../eventReasons.ts'
import type { Explained, ExplainPart } from '../render/explainReport.ts'
import { explainReport } from '../render/explainReport.ts'
import type { Shell } from '../shell.ts'
import type { Verb } from './index.ts'
import { verbs } from './index.ts'

type VerbPart = Extract<ExplainPart, { kind: 'verb' }>
type OptionPart = Extract<ExplainPart, { kind: 'option' }>

const page = 'docs/reference/commands.md'
const vendorsPage = 'docs/reference/vendors.md'
const eventsPage = 'docs/reference/events.md'

/**
 * Answers for a term as {@link explainReport} does, and besides that for a verb (`check`, `postern check`) and an option
 * (`--flow`, and `posture`, which has no other meaning), as their help has them. Verbs are loaded only where it takes
 * them.
 */
export async function explainTerm(term: string, version: string, shell: Shell): Promise<Explained> {
  // From the rooms of the gate, which nothing else of an explanation needs.
  const { eventReasons } = await import('../eventReasons.ts')
  const { vendorRows } = await import('../../firewall/vendors/index.ts')
  const own = [...reasonParts(term, eventReasons), ...vendorParts(term, vendorRows)]
  const plain = explainReport(term, version)
  const known =
    own.length === 0
      ? plain
      : explainReport(term, version, { parts: [...('ok' in plain ? plain.ok.parts : []), ...own], words: [] })
  const word = term
    .trim()
    .toLowerCase()
    .replace(/^postern\s+/, '')
  const verb = verbs.find(({ name }) => name === word)
  const isOption = /^-{0,2}[a-z][a-z-]*$/.test(word)
  const isOther = 'ok' in known && known.ok.parts.some(({ kind }) => kind !== 'word')
  if (verb === undefined && !word.startsWith('-') && (isOther || !isOption)) return known
  const options = await optionParts(shell)
  const asked = `--${word.replace(/^-+/, '')}`
  const parts = [
    ...(verb === undefined ? [] : [await verbPart(verb, shell)]),
    ...('ok' in known ? known.ok.parts : []),
    ...options.filter(({ option }) => option === asked),
  ]
  const words = [
    ...verbs.map(({ name }) => name),
    ...options.map(({ option }) => option),
    ...eventReasons.map(({ reason }) => reason),
    ...vendorRows.map(({ vendor }) => vendor),
  ]
  return explainReport(term, version, { parts, words })
}

/** The reason of the gate's record that a word is, alone or in `authorization denied scope-missing`. */
function reasonParts(term: string, eventReasons: readonly EventReason[]): readonly ExplainPart[] {
  const words = term.trim().toLowerCase().split(/\s+/)
  if (words.length > 4) return []
  return [...new Set(words)].flatMap((reason) => {
    const senses = eventReasons.filter((row) => row.reason === reason).map(({ reason: _, ...sense }) => sense)
    return senses.length === 0 ? [] : [{ kind: 'reason' as const, reason, senses, reference: eventsPage }]
  })
}

/** The vendor that a word is: what is read of it, and whether rules are written for it. */
function vendorParts(term: string, rows: readonly VendorRow[]): readonly ExplainPart[] {
  const word = term.trim().toLowerCase()
  return rows
    .filter(({ vendor }) => vendor === word)
    .map(({ vendor, title, forms, says }) => {
      const rules = says === undefined ? '' : `; plan --for ${vendor} writes rules for it`
      return {
        kind: 'word',
        word: vendor,
        says: `${title}, as a vendor of --vendor and of devices: in the site file. audit reads what these write: ${forms.join('; ')}${rules}. ${vendorsPage}#${vendor} tells what it understands`,
        see: ['audit', '--vendor', ...(says === undefined ? [] : ['--for'])],
      }
    })
}

/** What a verb is for and how it is called; its options and examples are those of its help. */
async function verbPart(verb: Verb, shell: Shell): Promise<VerbPart> {
  const { name, usage, summary } = verb
  const common = { kind: 'verb', verb: name, summary, usage: `postern ${name} ${usage}`.trim() } as const
  const command = await commandOf(verb, shell)
  if (command === undefined) return { ...common, planned: true, options: [], examples: [], reference: page }
  const options = [...new Set([command, ...command.commands].flatMap(longNames))]
  return { ...common, planned: false, options, examples: examplesOf(command), reference: `${page}#${name}` }
}

/** Every option of every verb; those that mean the same in several verbs are told once. */
async function optionParts(shell: Shell): Promise<readonly OptionPart[]> {
  const found = await Promise.all(
    verbs.map(async (verb) => {
      const command = await commandOf(verb, shell)
      const all = command === undefined ? [] : [command, ...command.commands]
      return all.flatMap(({ options }) => options.map((option) => ({ verb: verb.name, option })))
    }),
  )
  const byName = Map.groupBy(found.flat(), ({ option }) => option.long ?? option.flags)
  return [...byName].map(([option, same]) => {
    const byWords = Map.groupBy(same, (one) => `${one.option.flags}\n${one.option.description}`)
    const uses = [...byWords.values()].flatMap(([first, ...others]) =>
      first === undefined
        ? []
        : [
            {
              verbs: [...new Set([first, ...others].map(({ verb }) => verb))],
              flags: first.option.flags,
              says: first.option.description,
            },
          ],
    )
    return { kind: 'option', option, uses, reference: page }
  })
}

function longNames({ options }: Command): readonly string[] {
  return options.map(({ long, flags }) => long ?? flags)
}

/** @returns undefined for a verb that comes later */
async function commandOf({ name, load }: Verb, shell: Shell): Promise<Command | undefined> {
  if (load === undefined) return undefined
  const { configure } = await load()
  const command = new Command(name)
  configure(command, shell, () => {})
  return command
}

/** The lines of the help below `Examples:`, each a command and what it is for. */
function examplesOf(command: Command): VerbPart['examples'] {
  let help = ''
  command.configureOutput({
    writeOut: (text) => {
      help += text
    },
  })
  command.outputHelp()
  const [, examples = ''] = help.split('\nExamples:\n')
  return examples.split('\n').flatMap((line) => {
    const [, typed, says = ''] = /^ {2}((?:sudo )?postern\b.*?)(?: {2,}(\S.*))?$/.exec(line) ?? []
    return typed === undefined ? [] : [{ command: typed.trim(), says }]
  })
}
