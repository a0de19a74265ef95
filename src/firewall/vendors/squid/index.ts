import type { Reader } from '../../reader.ts'
import type { Rule, RuleSet, Stage } from '../../ruleset.ts'
import type { ConfigurationFile } from '../../source.ts'
import { fewDoubts } from '../../text/doubtsOf.ts'
import { countStatements } from '../../text/statements.ts'
import { createAclTable } from './aclTable.ts'
import type { ChainStore } from './condition.ts'
import type { Directive } from './logicalLines.ts'
import { logicalLines } from './logicalLines.ts'
import type { AccessList, Found, Parts } from './readDirective.ts'
import { readDirective } from './readDirective.ts'
import { bumpChain, forbids, inspects } from './sslBump.ts'

export { write } from './write.ts'

/** Chains that nested conditions take; far more than any list of lines that people write. */
const mostChains = 20_000
/** Rules that lines make of their values, each of every value. */
const mostRules = 200_000
/** Files within each other, as squid itself bounds them. */
const deepestInclude = 16

/**
 * Reads squid.conf: access lines in their order, of which the first that fits decides; what no line fits is treated in the
 * opposite way of the last line, and without any line it is denied (squid.conf documented, http_access). Acls of a line
 * must all hold, values of an acl are alternatives.
 *
 * The first file is the configuration; others are found by the end of their path, by `include` and by quoted values.
 */
export const read: Reader = (files) => {
  const statements = countStatements()
  const [main] = files
  if (main === undefined) return { ruleSets: [], coverage: statements.coverage() }
  const { store, chains } = chainStore()
  const acls = createAclTable(statements, files)
  const found: Found = {
    access: { rules: [] },
    adapted: { rules: [] },
    parents: [],
    parentNames: [],
    bumps: [],
    opensTls: false,
    doubts: [],
  }
  const parts = { statements, acls, store, found }
  const directives = directivesOf(main, files, parts, 0)
  // Values that stand below a line which uses their acl count for it as well; acls of acls come when all of those are there.
  for (const directive of directives)
    if (directive.name === 'acl' && !isOfAcls(directive)) readDirective(directive, parts)
  for (const directive of directives)
    if (directive.name === 'acl' && isOfAcls(directive)) readDirective(directive, parts)
  for (const directive of directives) if (directive.name !== 'acl') readDirective(directive, parts)
  const coverage = statements.coverage()
  if (coverage.understood === 0) return { ruleSets: [], coverage }
  return { ruleSets: [ruleSetOf(main.name, parts, chains)], coverage }
}

/** `any-of` and `all-of` name other acls. */
function isOfAcls({ words: [, type = ''] }: Directive): boolean {
  return /^(any|all)-of$/i.test(type)
}

/** Directives in the order in which squid reads them, those of included files in their place. */
function directivesOf(
  file: ConfigurationFile,
  files: readonly ConfigurationFile[],
  parts: Parts,
  depth: number,
): readonly Directive[] {
  return logicalLines(file).flatMap((directive) => {
    if (directive.name !== 'include') return [directive]
    if (depth < deepestInclude) return included(directive, files, parts, depth)
    parts.statements.unread(directive.span, 'files include each other without end')
    return []
  })
}

/** Included files are read in the order of their names; one that is not at hand may say anything. */
function included(
  { words, span }: Directive,
  files: readonly ConfigurationFile[],
  parts: Parts,
  depth: number,
): readonly Directive[] {
  return words.flatMap((word) => {
    const path = word.replaceAll('"', '')
    const named = filesAt(path, files.slice(1))
    if (named.length > 0) {
      parts.statements.understood()
      return named.flatMap((file) => directivesOf(file, files, parts, depth + 1))
    }
    parts.statements.unread(span, `${path} is included and was not given`)
    parts.found.doubts.push({ kind: 'reference', what: `the content of ${path}, which line ${span.line} includes` })
    return []
  })
}

/** Files by their path, or by the end of it, in which `*` and `?` stand for any. */
function filesAt(path: string, files: readonly ConfigurationFile[]): readonly ConfigurationFile[] {
  const base = path.split('/').at(-1) ?? path
  const pattern = base
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
  const wanted = new RegExp(`(^|[/\\\\])${pattern}$`)
  return files.filter(({ name }) => name === path || wanted.test(name)).toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

function ruleSetOf(name: string, { acls, store, found }: Parts, chains: RuleSet['chains']): RuleSet {
  const { access, adapted, parents, parentNames, bumps, opensTls, doubts } = found
  const others: Rule = {
    ...{ name: 'squid passes on TCP alone', span: { file: name, line: 1, text: '' }, unknowns: [], implied: true },
    match: { protocols: notTcp },
    action: { kind: 'drop' },
  }
  const stages: Stage[] = [accessStage('http_access', { ...access, rules: [others, ...access.rules] }, store)]
  if (adapted.rules.length > 0) stages.push(accessStage('adapted_http_access', adapted, store))
  const passes = (called: string, chain: string, says: string): Stage => ({
    ...ofProxy(called, chain),
    otherwise: { action: 'allow', name: says },
  })
  if (parentNames.length > 0 && parents.length > 0) {
    stages.push(passes('never_direct', store.add(parents), 'the server may be asked itself'))
  }
  if (opensTls && bumps.length > 0) {
    const says = 'no line of ssl_bump fits'
    if (bumps.some(({ action }) => action === 'terminate')) {
      stages.push(passes('ssl_bump terminate', bumpChain(bumps, acls, store, forbids), says))
    }
    stages.push({ ...passes('ssl_bump', bumpChain(bumps, acls, store, inspects), says), kind: 'inspection' })
  }
  return { vendor: 'squid', name, stages, chains, places: [], doubts: fewDoubts(doubts) }
}

function accessStage(called: string, { rules, last }: AccessList, store: ChainStore): Stage {
  const says = last === undefined ? `no line of ${called}` : `default (the opposite of the last line, ${last})`
  return {
    ...ofProxy(called, store.add(rules)),
    otherwise: { action: last === 'deny' ? 'allow' : 'reject', name: says },
  }
}

const notTcp = [
  { first: 0, last: 5 },
  { first: 7, last: 255 },
]

/** Answers come back over the connection of the request. */
function ofProxy(name: string, chain: string): Omit<Stage, 'otherwise'> {
  return { name, hook: 'forward', kind: 'filter', chain, stateful: true, addresses: 'current' }
}

function chainStore(): { readonly store: ChainStore; readonly chains: Readonly<Record<string, readonly Rule[]>> } {
  const chains: Record<string, readonly Rule[]> = {}
  let count = 0
  let rules = 0
  return {
    chains,
    store: {
      add(some) {
        count += 1
        const name = `list ${count}`
        chains[name] = some
        return name
      },
      wrote() {
        rules += 1
      },
      isFull: () => count >= mostChains || rules >= mostRules,
    },
  }
}
