import type { Addresses } from '../../addresses.ts'
import { outsideOf, unionOf } from '../../addresses.ts'
import type { Reader } from '../../reader.ts'
import type { Action, Match, Rule, RuleSet, Stage, Translation } from '../../ruleset.ts'
import { fewDoubts } from '../../text/doubtsOf.ts'
import type { JsonValue } from '../../text/jsonTree.ts'
import { readJson } from '../../text/jsonTree.ts'
import type { Statements } from '../../text/statements.ts'
import { countStatements } from '../../text/statements.ts'
import type { Unknown } from '../../unknown.ts'
import { lookUp } from '../lookUp.ts'
import type { Objects } from './objects.ts'
import { objectsOf } from './objects.ts'
import type { Rulebase } from './rulebases.ts'
import { innerLayerOf, rulebasesOf } from './rulebases.ts'

/**
 * Reads what the management API of Check Point gives: `show access-rulebase` (every layer that rules name with it, in
 * files of their own), `show nat-rulebase`, `show objects`; and the files of show_package. Layers that are in order must
 * all accept; an inner layer decides for its rule. Rules see addresses as they came, before translation.
 */
export const read: Reader = (files) => {
  const statements = countStatements()
  const documents = files.flatMap((file): readonly JsonValue[] => {
    const found = readJson(file)
    if ('ok' in found) return found.ok.kind === 'array' && isList(found.ok) ? found.ok.elements() : [found.ok]
    statements.unread(found.fault.span, found.fault.why)
    return []
  })
  const answers = documents.filter((document) => document.member('rulebase') !== undefined)
  if (answers.length === 0) {
    for (const document of documents) {
      statements.unread(document.span(), 'there is no rulebase in it: export it with show access-rulebase')
    }
    return { ruleSets: [], coverage: statements.coverage() }
  }
  return { ruleSets: [ruleSetOf(documents, answers, statements)], coverage: statements.coverage() }
}

/** Several answers in one file, and not the objects of one. */
function isList(document: JsonValue): boolean {
  return document.elements().some((element) => element.member('rulebase') !== undefined)
}

interface Ground {
  readonly objects: Objects
  readonly statements: Statements
  /** Layers that the files have, by uid. */
  readonly layers: ReadonlySet<string>
}

function ruleSetOf(documents: readonly JsonValue[], answers: readonly JsonValue[], statements: Statements): RuleSet {
  const doubts: Unknown[] = []
  const rulebases = rulebasesOf(answers, statements, doubts)
  const layers = rulebases.filter(({ kind }) => kind === 'access')
  const ground: Ground = {
    objects: objectsOf(documents),
    statements,
    layers: new Set(layers.map(({ uid }) => uid)),
  }
  const inner = new Set(rulebases.flatMap(({ rules }) => rules.flatMap((rule) => innerLayerOf(rule) ?? [])))
  const ordered = layers.filter(({ uid }) => !inner.has(uid))
  const translations = rulebases.flatMap(({ kind, rules }) => (kind === 'translation' ? rules : []))
  const chains: Record<string, readonly Rule[]> = {
    ...Object.fromEntries(layers.map(({ uid, rules }) => [uid, rules.flatMap((rule) => accessRules(rule, ground))])),
    'nat in': translations.flatMap((rule, at) => natRule(rule, at, 'in', ground)),
    'nat out': translations.flatMap((rule, at) => natRule(rule, at, 'out', ground)),
  }
  const stages = [
    translation('NAT of destinations', 'prerouting', 'destination-nat', 'nat in'),
    ...ordered.map(layerStage),
    translation('NAT of sources', 'postrouting', 'source-nat', 'nat out'),
  ]
  const name = ordered[0]?.name ?? 'check-point'
  return { vendor: 'check-point', name, stages, chains, places: [], doubts: fewDoubts(doubts) }
}

function translation(name: string, hook: Stage['hook'], kind: Stage['kind'], chain: string): Stage {
  return {
    name,
    hook,
    kind,
    chain,
    stateful: true,
    addresses: 'current',
    otherwise: { action: 'allow', name: 'no translation' },
  }
}

function layerStage({ uid, name = 'access layer', accepts }: Rulebase): Stage {
  return {
    ...{ name: `layer ${name}`, hook: 'forward', kind: 'filter', stateful: true, addresses: 'original' },
    chain: uid,
    otherwise: { action: accepts ? 'allow' : 'drop', name: 'implicit cleanup rule' },
  }
}

const actions: Readonly<Record<string, Action>> = {
  Accept: { kind: 'allow' },
  Drop: { kind: 'drop' },
  Reject: { kind: 'reject' },
}

function accessRules(rule: JsonValue, ground: Ground): readonly Rule[] {
  const { objects, statements, layers } = ground
  if (rule.member('enabled')?.scalar === false) {
    statements.understood()
    return []
  }
  const unknowns: Unknown[] = []
  const word = objects.name(rule.member('action') ?? rule)
  const inner = innerLayerOf(rule)
  const isThere = inner !== undefined && layers.has(inner)
  const action: Action = isThere
    ? { kind: 'jump', chain: inner }
    : ((inner === undefined ? lookUp(actions, word) : undefined) ?? { kind: 'unknown' })
  if (inner !== undefined && !isThere) {
    unknowns.push({ kind: 'reference', what: `the layer ${inner}, which is in no file: export it as well` })
  } else if (action.kind === 'unknown') unknowns.push({ kind: 'unread', what: `what the action "${word}" does` })
  for (const key of ['time', 'vpn', 'content']) {
    const said = (rule.member(key)?.elements() ?? [])
      .map((value) => objects.name(value))
      .filter((name) => name !== 'Any')
    if (said.length > 0) unknowns.push({ kind: key === 'time' ? 'time' : 'other', what: `${key} ${said.join(', ')}` })
  }
  const targets = (rule.member('install-on')?.elements() ?? []).map((value) => objects.name(value))
  if (targets.length > 0 && !targets.includes('Policy Targets')) {
    unknowns.push({ kind: 'place', what: `which gateway it is: the rule is installed on ${targets.join(', ')}` })
  }
  const ends: Match = { ...endOf('source', rule, objects), ...endOf('destination', rule, objects) }
  const services = (rule.member('service')?.elements() ?? []).map((value) => objects.service(value))
  const isNegated = rule.member('service-negate')?.scalar === true
  if (isNegated) unknowns.push({ kind: 'other', what: 'which services are left when some are taken out' })
  const matches = isNegated || services.length === 0 ? [{}] : services.flatMap((service) => service.matches)
  // One by one: there may be more than a call takes arguments.
  for (const service of services) for (const unknown of service.unknowns) unknowns.push(unknown)
  if (unknowns.some(({ kind }) => kind === 'unread'))
    statements.unread(rule.span(), unknowns.find(({ kind }) => kind === 'unread')?.what ?? '')
  else statements.understood()
  const number = rule.member('rule-number')?.number()
  const called = rule.member('name')?.text() ?? ''
  const comment = rule.member('comments')?.text() ?? ''
  return matches.map((match) => ({
    name: called === '' ? `rule ${number ?? ''}` : `${number ?? ''} ${called}`.trim(),
    span: rule.span(),
    match: { ...ends, ...match },
    ...{ action, unknowns },
    ...(comment !== '' && { comment }),
  }))
}

function endOf(side: 'source' | 'destination', rule: JsonValue, objects: Objects): Match {
  const values = rule.member(side)?.elements() ?? []
  if (values.length === 0) return {}
  const set: Addresses = unionOf(values.map((value) => objects.addresses(value)))
  return { [side]: rule.member(`${side}-negate`)?.scalar === true ? outsideOf(set) : set }
}

/** A rule of translation: `Original` leaves an end as it is; `hide` puts many behind one address, `static` keeps offsets. */
function natRule(rule: JsonValue, at: number, way: 'in' | 'out', { objects, statements }: Ground): readonly Rule[] {
  if (way === 'in') statements.understood()
  if (rule.member('enabled')?.scalar === false) return []
  const side = way === 'in' ? 'destination' : 'source'
  const translated = rule.member(`translated-${side}`)
  const service = rule.member('translated-service')
  const isOriginal = (value: JsonValue | undefined): boolean =>
    value === undefined || objects.name(value) === 'Original'
  const isSame = isOriginal(translated) && (way === 'out' || isOriginal(service))
  const ports =
    way === 'in' && service !== undefined && !isOriginal(service)
      ? objects.service(service).matches[0]?.destinationPorts?.[0]
      : undefined
  const to = translated === undefined || isOriginal(translated) ? undefined : objects.addresses(translated)
  const open = to?.possible[0]?.because
  const change: Translation = {
    ...(to !== undefined && { to: open ?? to.sure }),
    ...(ports !== undefined && { ports }),
  }
  const original = (end: 'source' | 'destination'): Match => {
    const value = rule.member(`original-${end}`)
    if (value === undefined || objects.name(value) === 'Any') return {}
    // On the way out the destination is already the translated one.
    const shown = way === 'out' && end === 'destination' && !isOriginal(rule.member('translated-destination'))
    const known = shown ? rule.member('translated-destination') : value
    return { [end]: objects.addresses(known ?? value) }
  }
  const asked = rule.member('original-service')
  const service0 = way === 'out' || asked === undefined ? {} : (objects.service(asked).matches[0] ?? {})
  return [
    {
      name: `NAT rule ${rule.member('rule-number')?.number() ?? at + 1}`,
      span: rule.span(),
      match: { ...original('source'), ...original('destination'), ...service0 },
      action: isSame ? { kind: 'no-translation' } : { kind: 'translate', [side]: change },
      unknowns: [],
    },
  ]
}
