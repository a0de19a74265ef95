import type { Reader } from '../../reader.ts'
import type { RuleSet } from '../../ruleset.ts'
import type { Coverage } from '../../source.ts'
import { mostUnread } from '../../text/statements.ts'
import type { Unknown } from '../../unknown.ts'
import type { ConfigNode, ConfigTree } from './configTree.ts'
import { configTreeOf, emptyTree } from './configTree.ts'
import type { Domain } from './domain.ts'
import { domainRuleSet } from './domain.ts'
import { knowledgeOf } from './knownBlocks.ts'
import type { Noted } from './reading.ts'
import { firstOf, noted } from './reading.ts'
import type { Statement } from './statements.ts'
import { statementsOf } from './statements.ts'

export { write } from './write.ts'

/**
 * Reads FortiOS: a whole configuration (`show`, a backup) or pieces of it (`show firewall policy`), with or without
 * virtual domains. Several files are one device, read in their order.
 */
export const read: Reader = (files, hints) => {
  const root = emptyTree()
  const notes = noted()
  const all: Statement[] = []
  const unplaced: ConfigTree['unread'][number][] = []
  let lead = ''
  for (const file of files) {
    const { statements, lead: comments } = statementsOf(file)
    lead += `${comments}\n`
    for (const statement of statements) all.push(statement)
    for (const found of configTreeOf(statements, root).unread) unplaced.push(found)
  }
  const doubts = doubtsOf(unplaced, notes)
  const domains = domainsOf(root, releaseOf(lead))
  for (const { scope } of domains) doubts.push(...unjudgedBlocks(scope, notes))
  const shared = root.blocks.get('global')
  if (shared !== undefined) doubts.push(...unjudgedBlocks(shared, notes))
  const host = hostOf(shared ?? root) ?? files[0]?.name ?? 'fortigate'
  const ruleSets: RuleSet[] = domains.map((domain) =>
    domainRuleSet(domain, domain.name === undefined ? host : `${host}/${domain.name}`, hints, notes, doubts),
  )
  return { ruleSets: all.length === 0 ? [] : ruleSets, coverage: coverageOf(all, notes) }
}

/** Doubts that are told beside every verdict: the rest stands in the coverage. */
const mostDoubts = 20

function doubtsOf(unplaced: ConfigTree['unread'], notes: Noted): Unknown[] {
  const doubts: Unknown[] = []
  for (const { statement, why, within } of unplaced) {
    const unknown = notes.unread(statement, why)
    // What a block is about that bears on nothing is not doubtful, unless the block itself does not end.
    const isSilent = within.split(' / ').some((name) => knowledgeOf(name).kind === 'silent')
    const runsOn = statement.fault !== undefined && /lines that look/.test(statement.fault)
    if ((!isSilent || runsOn || statement.verb === 'config') && doubts.length < mostDoubts) doubts.push(unknown)
  }
  return doubts
}

function unjudgedBlocks(scope: ConfigNode, notes: Noted): readonly Unknown[] {
  const doubts: Unknown[] = []
  for (const [name, block] of scope.blocks) {
    const knowledge = knowledgeOf(name)
    if (
      knowledge.kind !== 'unjudged' ||
      (block.entries.size === 0 && block.settings.size === 0 && block.blocks.size === 0)
    )
      continue
    const unknown = notes.unread(block.statement, knowledge.why)
    if (knowledge.bearsOnForwarding && doubts.length < mostDoubts) doubts.push(unknown)
  }
  return doubts
}

function domainsOf(root: ConfigNode, release: Domain['release']): readonly Domain[] {
  const domains = [...(root.blocks.get('vdom')?.entries.values() ?? [])].filter(({ blocks }) => blocks.size > 0)
  const shared = root.blocks.get('global') ?? root
  const named = domains.map((scope): Domain => ({ scope, shared, name: scope.name, release }))
  const isPlain = named.length === 0 || [...root.blocks.keys()].some((name) => name.startsWith('firewall '))
  return isPlain ? [{ scope: root, shared, name: undefined, release }, ...named] : named
}

/** `#config-version=FGT60F-7.2.5-FW-build1517-230606:opmode=0:vdom=0` */
function releaseOf(lead: string): Domain['release'] {
  const found = /config-version=[^:\s]{1,40}?-(\d{1,2})\.(\d{1,2})(?:\.(\d{1,2}))?-/.exec(lead)
  return found === null ? undefined : [Number(found[1]), Number(found[2]), Number(found[3] ?? '0')]
}

function hostOf(shared: ConfigNode): string | undefined {
  const global = shared.blocks.get('system global')
  return global === undefined ? undefined : firstOf(global, 'hostname')
}

function coverageOf(all: readonly Statement[], { marks }: Noted): Coverage {
  const marked = all.filter((statement) => marks.has(statement))
  return {
    statements: all.length,
    understood: all.length - marked.length,
    unread: marked
      .slice(0, mostUnread)
      .map((statement) => ({ span: statement.span(), why: marks.get(statement) ?? '' })),
  }
}
