import type { Rule } from '../../ruleset.ts'
import type { Statements } from '../../text/statements.ts'
import type { Unknown } from '../../unknown.ts'
import type { AclTable } from './aclTable.ts'
import type { ChainStore } from './condition.ts'
import { rulesOf } from './condition.ts'
import type { Directive } from './logicalLines.ts'
import { silentDirectives } from './silentDirectives.ts'
import type { BumpLine } from './sslBump.ts'
import { bumpActions } from './sslBump.ts'

/** Lines of one kind of access list, in their order. */
export interface AccessList {
  readonly rules: Rule[]
  /** The action of the last line: what no line fits is treated the other way. */
  last?: 'allow' | 'deny'
}

/** What the lines of one proxy say, so far. */
export interface Found {
  readonly access: AccessList
  readonly adapted: AccessList
  /** Which requests must go to a parent proxy. */
  readonly parents: Rule[]
  readonly parentNames: string[]
  readonly bumps: BumpLine[]
  /** Whether a port opens TLS at all. */
  opensTls: boolean
  readonly doubts: Unknown[]
}

export interface Parts {
  readonly statements: Statements
  readonly acls: AclTable
  readonly store: ChainStore
  readonly found: Found
}

/** What a directive does to what was found; words say what about it is not understood. */
type Handler = (directive: Directive, parts: Parts) => string | undefined

const port: Handler = ({ words }, { found }) => {
  found.opensTls ||= words.some((word) => /^ssl-?bump$/i.test(word))
  return undefined
}

const access =
  (list: 'access' | 'adapted'): Handler =>
  (directive, { acls, store, found }) => {
    const [word = '', ...rest] = directive.words
    const last = word.toLowerCase()
    if (last !== 'allow' && last !== 'deny') return `"${word}" is neither allow nor deny`
    const action = { kind: last === 'allow' ? 'allow' : 'reject' } as const
    for (const rule of rulesOf(acls.lineCondition(rest), action, lineOf(directive), store)) found[list].rules.push(rule)
    found[list].last = last
    return undefined
  }

const bump: Handler = (directive, { acls, found }) => {
  const [word = '', ...words] = directive.words
  const action = word.toLowerCase()
  if (!bumpActions.includes(action)) return `"${word}" is no action of ssl_bump`
  const others = words.filter((each) => acls.stepsOf(each) === undefined)
  found.bumps.push({ ...lineOf(directive), action, words, condition: acls.lineCondition(others) })
  return undefined
}

const parent: Handler = ({ words: [name = '', kind = ''] }, { found }) => {
  if (kind.toLowerCase() === 'parent') found.parentNames.push(name)
  return undefined
}

const parentOnly: Unknown = {
  kind: 'other',
  what: 'what the parent proxy lets pass, which is asked instead of the server',
}

const neverDirect: Handler = (directive, { acls, store, found }) => {
  const [word = '', ...rest] = directive.words
  const must = word.toLowerCase() === 'allow'
  const rules = rulesOf(acls.lineCondition(rest), { kind: must ? 'unknown' : 'allow' }, lineOf(directive), store)
  const open = (rule: Rule): Rule =>
    rule.action.kind === 'unknown' ? { ...rule, unknowns: [...rule.unknowns, parentOnly] } : rule
  for (const rule of rules) found.parents.push(open(rule))
  return undefined
}

const rewriter: Handler = ({ name }, { found }) => {
  found.doubts.push({ kind: 'other', what: `the program that may send requests elsewhere (${name})` })
  return undefined
}

const handlers: Readonly<Record<string, Handler>> = {
  http_access: access('access'),
  http_access2: access('adapted'),
  adapted_http_access: access('adapted'),
  http_port: port,
  https_port: port,
  ssl_bump: bump,
  cache_peer: parent,
  never_direct: neverDirect,
  url_rewrite_program: rewriter,
  redirect_program: rewriter,
}

/** Takes in one directive other than `include`. */
export function readDirective(directive: Directive, parts: Parts): void {
  const { statements, acls, found } = parts
  const { name, span } = directive
  if (name === 'acl') {
    acls.define(directive)
    return
  }
  const handler = Object.hasOwn(handlers, name) ? handlers[name] : undefined
  const isSilent = handler === undefined && silentDirectives.has(name)
  const why =
    handler === undefined ? (isSilent ? undefined : `the directive ${name} is not known`) : handler(directive, parts)
  if (why === undefined) statements.understood()
  else {
    statements.unread(span, why)
    found.doubts.push({ kind: 'unread', what: `line ${span.line}, ${name}, which is not understood` })
  }
}

/** Squid has no names for its lines: the line itself is one. */
function lineOf({ name, words, span }: Directive): Pick<Rule, 'name' | 'span'> {
  return { name: `${name} ${words.join(' ')}`.slice(0, 80), span }
}
