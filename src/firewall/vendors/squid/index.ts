import type { Reader } from '../../reader.ts'
import type { Rule, RuleSet, Stage } from '../../ruleset.ts'
import type { ConfigurationFile } from '../../source.ts'
import { countStatements } from '../../text/statements.ts'
import { createAclTable } from './aclTable.ts'
import type { ChainStore } from './condition.ts'
import type { Directive } from './logicalLines.ts'
import { logicalLines } from './logicalLines.ts'
import type { AccessList, Found, Parts } from './readDirective.ts'
import { readDirective } from './readDirective.ts'
import { bumpChain, forbids, inspects } from './sslBump.ts'

/** Chains that nested conditions take; far more than any list of lines that people write. */
const mostChains = 20_000
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
  readFile(main, files, parts, 0)
  return { ruleSets: [ruleSetOf(main.name, parts, chains)], coverage: statements.coverage() }
}

function readFile(file: ConfigurationFile, files: readonly ConfigurationFile[], parts: Parts, depth: number): void {
  for (const directive of logicalLines(file)) {
    if (directive.name !== 'include') readDirective(directive, parts)
    else if (depth >= deepestInclude) parts.statements.unread(directive.span, 'files include each other without end')
    else include(directive, files, parts, depth)
  }
}

/** Included files are read in the order of their names; one that is not at hand may say anything. */
function include({ words, span }: Directive, files: readonly ConfigurationFile[], parts: Parts, depth: number): void {
  for (const path of words.map((word) => word.replaceAll('"', ''))) {
    const named = filesAt(path, files.slice(1))
    for (const file of named) readFile(file, files, parts, depth + 1)
    if (named.length > 0) parts.statements.understood()
    else {
      parts.statements.unread(span, `${path} is included and was not given`)
      parts.found.doubts.push({ kind: 'reference', what: `the content of ${path}, which line ${span.line} includes` })
    }
  }
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
  const stages: Stage[] = [accessStage('http_access', access, store)]
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
  return { vendor: 'squid', name, stages, chains, places: [], doubts }
}

function accessStage(called: string, { rules, last }: AccessList, store: ChainStore): Stage {
  const says = last === undefined ? `no line of ${called}` : `no line fits, and the last one says ${last}`
  return {
    ...ofProxy(called, store.add(rules)),
    otherwise: { action: last === 'deny' ? 'allow' : 'reject', name: says },
  }
}

/** Answers come back over the connection of the request. */
function ofProxy(name: string, chain: string): Omit<Stage, 'otherwise'> {
  return { name, hook: 'forward', kind: 'filter', chain, stateful: true, addresses: 'current' }
}

function chainStore(): { readonly store: ChainStore; readonly chains: Readonly<Record<string, readonly Rule[]>> } {
  const chains: Record<string, readonly Rule[]> = {}
  let count = 0
  return {
    chains,
    store: {
      add(rules) {
        count += 1
        const name = `list ${count}`
        chains[name] = rules
        return name
      },
      isFull: () => count >= mostChains,
    },
  }
}
