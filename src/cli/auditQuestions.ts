import { quoted } from '../config/quoted.ts'
import { unknownWord } from '../config/unknownWord.ts'
import type { AddressRange } from '../firewall/addresses.ts'
import { everyAddress } from '../firewall/addresses.ts'
import type { AskedFlow, Knowledge } from '../firewall/judged.ts'
import type { SourceOf } from '../firewall/parseAskedFlow.ts'
import { parseAskedFlow } from '../firewall/parseAskedFlow.ts'
import { rangesOfPrefix } from '../firewall/rangesOfPrefix.ts'
import { rangeTexts } from '../firewall/rangeText.ts'
import { isPublic } from '../model/cidr.ts'
import type { Flow } from '../model/flow.ts'
import type { Site } from '../model/site.ts'
import { UsageError } from './shell.ts'

/** A question of the command line, with the words that were typed. */
export interface Question {
  readonly text: string
  readonly asked: AskedFlow
}

/** What `--flow` asks: questions of one's own, and ids of the plan. */
export interface AuditQuestions {
  readonly questions: readonly Question[]
  /** Absent: all flows of the plan, unless questions are asked. */
  readonly ids?: readonly string[]
}

/**
 * Reads what `--flow` was given: `SRC > DST:PORT/PROTO` is a question, a word is the id of a flow of the plan.
 *
 * @param sourceOf where a name is that opens a flow
 * @throws UsageError with what is wrong and the form that is right
 */
export function auditQuestions(texts: readonly string[] | undefined, sourceOf: SourceOf): AuditQuestions {
  const questions: Question[] = []
  const ids: string[] = []
  for (const text of texts ?? []) {
    // A question that lost its arrow to a shell that was not told to leave it alone still has a colon or a slash.
    if (!/[>:/\s]/.test(text)) {
      ids.push(text)
      continue
    }
    const parsed = parseAskedFlow(text, sourceOf)
    if ('error' in parsed) throw new UsageError(`--flow: in ${quoted(text)} ${parsed.error}, write ${parsed.right}`)
    questions.push({ text, asked: parsed.ok })
  }
  return { questions, ...(ids.length > 0 && { ids }) }
}

/** Any name, before it is known who has which address. */
export const anyOpener: SourceOf = () => everyAddress().sure

/** Where the hosts and networks of a site are that a question names, and what a table of names tells. */
export function openersOf(site: Places, { name: known }: Knowledge): SourceOf {
  return (name) => placeIn(site, name) ?? known(name)?.addresses
}

type Places = Pick<Site, 'hosts' | 'networks'>

/** Questions with the addresses of what the site calls by the name that they go to. */
export function toPlaces({ questions, ...rest }: AuditQuestions, site: Places): AuditQuestions {
  const placed = questions.map(({ text, asked }): Question => {
    const destination = asked.name === undefined ? undefined : placeIn(site, asked.name)
    return { text, asked: destination === undefined ? asked : { ...asked, destination } }
  })
  return { ...rest, questions: placed }
}

/** Questions of a host to the internet that its planned flows put to a proxy instead. */
export function besideProxies(
  { questions }: AuditQuestions,
  { hosts, proxies }: Pick<Site, 'hosts' | 'proxies'>,
): readonly { readonly text: string; readonly host: string; readonly proxy: string }[] {
  return questions.flatMap(({ text, asked }) => {
    const texts = rangeTexts(asked.source).join()
    const [host] = Object.entries(hosts).find(([, { addresses }]) => addresses.join() === texts) ?? []
    const [proxy] = Object.entries(proxies).find(([, { usedBy }]) => host !== undefined && usedBy.includes(host)) ?? []
    const isOut = (asked.destination ?? []).every(({ family, first }) => isPublic({ family, value: first }))
    return host === undefined || proxy === undefined || asked.transport !== 'tcp' || !isOut
      ? []
      : [{ text, host, proxy }]
  })
}

function placeIn({ hosts, networks }: Places, name: string): readonly AddressRange[] | undefined {
  const called = ([key]: readonly [string, unknown]): boolean => key.toLowerCase() === name
  const [, host] = Object.entries(hosts).find(called) ?? []
  const [, network] = Object.entries(networks).find(called) ?? []
  const ranges = [...(host?.addresses ?? []), ...(network?.prefixes ?? [])].flatMap(rangesOfPrefix)
  return ranges.length === 0 ? undefined : ranges
}

/**
 * The flows of a plan that were chosen.
 *
 * @throws UsageError for an id that the plan does not have
 */
export function chosenFlows(plan: readonly Flow[], ids: readonly string[] | undefined, file: string): readonly Flow[] {
  if (ids === undefined) return plan
  const known = [...new Set(plan.map(({ flow }) => flow))]
  const unknown = ids.filter((id) => !known.includes(id))
  if (unknown.length > 0) {
    throw new UsageError(
      ...unknown.map((id) => {
        const { what, right } = unknownWord('flow', id, known)
        return `--flow: ${what} in the plan of ${file}, ${right}`
      }),
    )
  }
  return plan.filter(({ flow }) => ids.includes(flow))
}
